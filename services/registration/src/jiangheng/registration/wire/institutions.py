"""The wire's institutions and the domain's, each made from the other.

The domain knows no protobuf, so this is the one place that names both. A wire
value that no enum knows becomes None, for the domain to refuse by its own rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.chassis.canonical import digest, message_json
from jiangheng.registration.domain.dossier import Dossier, InstitutionKind, Paper, PaperKind, Scope
from jiangheng.registration.domain.institution import Institution, State
from jiangheng.registration.wire.times import timestamp

KINDS: Mapping[InstitutionKind, pb.InstitutionKind.ValueType] = MappingProxyType(
    {
        InstitutionKind.EMPLOYER: pb.INSTITUTION_KIND_EMPLOYER,
        InstitutionKind.VOCATIONAL_SCHOOL: pb.INSTITUTION_KIND_VOCATIONAL_SCHOOL,
        InstitutionKind.SOCIAL_ORGANISATION: pb.INSTITUTION_KIND_SOCIAL_ORGANISATION,
    }
)
PAPERS: Mapping[PaperKind, pb.PaperKind.ValueType] = MappingProxyType(
    {
        PaperKind.APPLICATION_FORM: pb.PAPER_KIND_APPLICATION_FORM,
        PaperKind.ASSESSMENT_PLAN: pb.PAPER_KIND_ASSESSMENT_PLAN,
        PaperKind.WORK_RULES: pb.PAPER_KIND_WORK_RULES,
        PaperKind.STAFF_RULES: pb.PAPER_KIND_STAFF_RULES,
        PaperKind.CERTIFICATE_RULES: pb.PAPER_KIND_CERTIFICATE_RULES,
    }
)
STATES: Mapping[State, pb.InstitutionState.ValueType] = MappingProxyType(
    {
        State.DRAFT: pb.INSTITUTION_STATE_DRAFT,
        State.SUBMITTED: pb.INSTITUTION_STATE_SUBMITTED,
        State.RETURNED: pb.INSTITUTION_STATE_RETURNED,
        State.ACCEPTED: pb.INSTITUTION_STATE_ACCEPTED,
        State.FILED: pb.INSTITUTION_STATE_FILED,
    }
)
_KIND_OF = {wire: kind for kind, wire in KINDS.items()}
_PAPER_OF = {wire: kind for kind, wire in PAPERS.items()}
_STATE_OF = {wire: state for state, wire in STATES.items()}


def state_from_wire(state: pb.InstitutionState.ValueType) -> State | None:
    """None for a state this service does not know."""
    return _STATE_OF.get(state)


def dossier_from_wire(message: pb.Dossier) -> Dossier:
    """The dossier as the domain sees it, faults and all."""
    return Dossier(
        name=message.name,
        kind=kind_from_wire(message.kind),
        address=message.address,
        legal_representative=message.legal_representative,
        contact_name=message.contact_name,
        contact_phone=message.contact_phone,
        division=message.division,
        scopes=tuple(scope_from_wire(scope) for scope in message.scopes),
        papers=tuple(_paper_from_wire(paper) for paper in message.papers),
        truth_promised=message.truth_promised,
        signed_by_legal_representative=message.signed_by_legal_representative,
    )


def dossier_to_wire(dossier: Dossier) -> pb.Dossier:
    """The message whose canonical JSON is what an officer signs for by its digest."""
    return pb.Dossier(
        name=dossier.name,
        kind=kind_to_wire(dossier.kind),
        address=dossier.address,
        legal_representative=dossier.legal_representative,
        contact_name=dossier.contact_name,
        contact_phone=dossier.contact_phone,
        division=dossier.division,
        scopes=[scope_to_wire(scope) for scope in dossier.scopes],
        papers=[_paper_to_wire(paper) for paper in dossier.papers],
        truth_promised=dossier.truth_promised,
        signed_by_legal_representative=dossier.signed_by_legal_representative,
    )


def dossier_digest(dossier: Dossier) -> bytes:
    """SHA-256 over the canonical JSON of the dossier, 32 bytes."""
    return digest(message_json(dossier_to_wire(dossier)))


def kind_from_wire(wire: pb.InstitutionKind.ValueType) -> InstitutionKind | None:
    """None for UNSPECIFIED and for a kind that this version does not know."""
    return _KIND_OF.get(wire)


def kind_to_wire(kind: InstitutionKind | None) -> pb.InstitutionKind.ValueType:
    """UNSPECIFIED for None."""
    return KINDS[kind] if kind is not None else pb.INSTITUTION_KIND_UNSPECIFIED


def scope_to_wire(scope: Scope) -> pb.Scope:
    """One occupation and level."""
    return pb.Scope(
        occupation_code=scope.occupation_code, occupation_name=scope.occupation_name, level=scope.level
    )


def scope_from_wire(message: pb.Scope) -> Scope:
    """One occupation and level."""
    return Scope(message.occupation_code, message.occupation_name, message.level)


def institution_to_wire(found: Institution) -> pb.Institution:
    """Everything a reader may see; who may see less is given less before (operations/view.py)."""
    message = pb.Institution(
        credit_code=found.credit_code,
        dossier=dossier_to_wire(found.dossier),
        state=STATES[found.state],
        revision=found.revision,
        dossier_digest=found.dossier_digest,
        return_reason=found.return_reason,
        filing_due=found.filing_due.isoformat() if found.filing_due else "",
    )
    if found.accepted_at:
        message.accepted_at.CopyFrom(timestamp(found.accepted_at))
    if found.filing:
        message.institution_code = found.filing.institution_code
        message.receipt_number = found.filing.receipt_number
        message.filed_at.CopyFrom(timestamp(found.filing.filed_at))
        message.authority = found.filing.authority
    return message


def _paper_from_wire(message: pb.Paper) -> Paper:
    return Paper(_PAPER_OF.get(message.kind), message.title, message.digest, message.occupation_code)


def _paper_to_wire(paper: Paper) -> pb.Paper:
    kind = PAPERS[paper.kind] if paper.kind is not None else pb.PAPER_KIND_UNSPECIFIED
    return pb.Paper(kind=kind, title=paper.title, digest=paper.digest, occupation_code=paper.occupation_code)
