"""The wire's application forms and the domain's, each made from the other."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jiangheng.api.registration.v1 import application_pb2 as pb
from jiangheng.registration.domain.form import (
    ApplicationForm,
    Apprenticeship,
    Candidate,
    Education,
    EvidencePaper,
    HeldCertificate,
    IdentityPaper,
    Title,
    WorkPeriod,
)
from jiangheng.registration.wire.batches import part_from_wire, part_to_wire

_PAPERS: Mapping[IdentityPaper, pb.IdentityPaper.ValueType] = MappingProxyType(
    {
        IdentityPaper.RESIDENT_ID: pb.IDENTITY_PAPER_RESIDENT_ID,
        IdentityPaper.HMT_RESIDENCE_PERMIT: pb.IDENTITY_PAPER_HMT_RESIDENCE_PERMIT,
        IdentityPaper.FOREIGN_PASSPORT: pb.IDENTITY_PAPER_FOREIGN_PASSPORT,
        IdentityPaper.HONG_KONG_MACAO_TRAVEL_PERMIT: pb.IDENTITY_PAPER_HONG_KONG_MACAO_TRAVEL_PERMIT,
        IdentityPaper.TAIWAN_TRAVEL_PERMIT: pb.IDENTITY_PAPER_TAIWAN_TRAVEL_PERMIT,
        IdentityPaper.FOREIGNER_CARD: pb.IDENTITY_PAPER_FOREIGNER_CARD,
        IdentityPaper.SOCIAL_SECURITY_CARD: pb.IDENTITY_PAPER_SOCIAL_SECURITY_CARD,
        IdentityPaper.RESIDENCE_PERMIT: pb.IDENTITY_PAPER_RESIDENCE_PERMIT,
        IdentityPaper.STUDENT_NUMBER: pb.IDENTITY_PAPER_STUDENT_NUMBER,
        IdentityPaper.CHINESE_PASSPORT: pb.IDENTITY_PAPER_CHINESE_PASSPORT,
    }
)
_PAPER_OF = {wire: paper for paper, wire in _PAPERS.items()}


def form_from_wire(message: pb.ApplicationForm) -> ApplicationForm:
    """The form as the domain sees it, faults and all."""
    return ApplicationForm(
        candidate=_candidate_from_wire(message.candidate),
        occupation_code=message.occupation_code,
        level=message.level,
        parts=tuple(part_from_wire(part) for part in message.parts),
        condition=message.condition,
        intends=message.intends,
        certificates=tuple(
            HeldCertificate(each.occupation_code, each.level, each.issued, each.number, each.issuer)
            for each in message.certificates
        ),
        work=tuple(
            WorkPeriod(each.occupation_code, each.begun, each.ended, each.employer, each.content)
            for each in message.work
        ),
        education=tuple(_education_from_wire(each) for each in message.education),
        titles=tuple(
            Title(each.grade, each.specialty, each.issued, each.qualification) for each in message.titles
        ),
        apprenticeships=tuple(
            Apprenticeship(each.occupation_code, each.completed) for each in message.apprenticeships
        ),
        papers=tuple(
            EvidencePaper(each.kind, each.title, each.digest, each.network_check) for each in message.papers
        ),
        promise_digest=message.promise_digest,
        promised_on=message.promised_on,
    )


def form_to_wire(form: ApplicationForm) -> pb.ApplicationForm:
    """The message that is stored, shown and summed up in the digest."""
    return pb.ApplicationForm(
        candidate=_candidate_to_wire(form.candidate),
        occupation_code=form.occupation_code,
        level=form.level,
        parts=[part_to_wire(part) for part in form.parts],
        condition=form.condition,
        intends=form.intends,
        certificates=[pb.HeldCertificate(**vars(each)) for each in form.certificates],
        work=[pb.WorkPeriod(**vars(each)) for each in form.work],
        education=[pb.Education(**vars(each)) for each in form.education],
        titles=[pb.Title(**vars(each)) for each in form.titles],
        apprenticeships=[pb.Apprenticeship(**vars(each)) for each in form.apprenticeships],
        papers=[pb.EvidencePaper(**vars(each)) for each in form.papers],
        promise_digest=form.promise_digest,
        promised_on=form.promised_on,
    )


def _candidate_from_wire(message: pb.Candidate) -> Candidate:
    return Candidate(
        name=message.name,
        sex=message.sex,
        born=message.born,
        paper=_PAPER_OF.get(message.paper),
        number=message.number,
        phone=message.phone,
        employer=message.employer,
    )


def _candidate_to_wire(candidate: Candidate) -> pb.Candidate:
    paper = _PAPERS[candidate.paper] if candidate.paper else pb.IDENTITY_PAPER_UNSPECIFIED
    return pb.Candidate(
        name=candidate.name,
        sex=candidate.sex,
        born=candidate.born,
        paper=paper,
        number=candidate.number,
        phone=candidate.phone,
        employer=candidate.employer,
    )


def _education_from_wire(message: pb.Education) -> Education:
    return Education(
        school=message.school,
        major=message.major,
        class_kind=message.class_kind,
        enrolled=message.enrolled,
        graduating_from=message.graduating_from,
        expected_until=message.expected_until,
        graduated=message.graduated,
        approved=message.approved,
    )
