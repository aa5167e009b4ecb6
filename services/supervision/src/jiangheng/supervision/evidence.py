"""What anyone can check of a piece of evidence with the ledger's public key, step by step, without IO.

1  checkpoint   the ledger's key signed: "the log has this size and this root"
2  leaf         the entry's leaf is made of exactly this envelope and this salt
3  inclusion    that leaf stands in the log of that root (RFC 9162 2.1.3)
4  consistency  the log still holds all it held at a checkpoint that was kept (RFC 9162 2.1.4)
5  key          a signed act: `key.activated` stands on the same log, gives this key to the acting
                person, and is older than the act
6  signature    the person's own signature is over exactly this act

Steps 4 to 6 are left out where there is nothing to check. A step that could not
be checked is said so, and so is what the reader still owes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from google.protobuf.json_format import ParseError
from google.protobuf.message import Message

from jiangheng.api import registry
from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.api.identity.v1.events_pb2 import KeyActivated
from jiangheng.api.policy.v1.policy_pb2 import ActSignature
from jiangheng.api.supervision.v1.ledger_pb2 import Entry, GetEvidenceResponse
from jiangheng.chassis import checkpoint, merkle
from jiangheng.chassis.acts import verify_act
from jiangheng.chassis.canonical import message_json
from jiangheng.chassis.checkpoint import Checkpoint
from jiangheng.supervision.domain import ledger

KEY_ACTIVATED = "key.activated.v1"


@dataclass(frozen=True)
class LedgerKey:
    """Whose word is checked: the log's public key, and its name ("" takes the name in the note)."""

    public_key: Ed25519PublicKey
    origin: str = ""


@dataclass(frozen=True)
class Linked:
    """The evidence of another fact, and the proof from its checkpoint to that of the first."""

    evidence: GetEvidenceResponse
    consistency: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Kept:
    """A checkpoint (note) that the reader kept, and the proof from it to the evidence's, if to be had."""

    note: str
    consistency: tuple[bytes, ...] | None


@dataclass(frozen=True)
class Bundle:
    """A piece of evidence as it is fetched or kept in a file; `key` is there for a signed act."""

    evidence: GetEvidenceResponse
    key: Linked | None = None


@dataclass(frozen=True)
class Step:
    """One thing that was checked. `holds` is None where it could not be; `said` is what was found."""

    number: int
    zh: str
    en: str
    holds: bool | None
    said: str


@dataclass(frozen=True)
class Owed:
    """Something that these steps cannot show and the reader has to see to."""

    zh: str
    en: str


KEY_OWED = Owed(
    "公钥确属本账本：与其运营方公布的公钥比对。",
    "That the public key is the ledger's: compare it with the one its operator publishes.",
)
SAME_LOG_OWED = Owed(
    "账本对所有人相同、且未被改写：保存检查点并比对（--previous、watch）。",
    "That everybody is shown one log that is never rewritten: keep checkpoints (--previous, watch).",
)
SIGNATURE_OWED = Owed(
    "本人签名：用可读取其密钥记录的令牌核验。",
    "The person's own signature: verify with a token that may read the fact about his key.",
)


@dataclass
class Report:
    """All steps about one fact, and what the reader still owes."""

    event_id: str
    steps: list[Step] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing that was checked failed."""
        return all(step.holds is not False for step in self.steps)


class DoesNotHold(Exception):
    """A check that failed, in a sentence."""


class NotChecked(Exception):
    """A check that could not be made, in a sentence."""


def examine(bundle: Bundle, key: LedgerKey, kept: Kept | None = None) -> Report:
    """Check a piece of evidence against the ledger's public key and, if there is one, a kept checkpoint."""
    evidence, envelope = bundle.evidence, bundle.evidence.entry.envelope
    report = Report(envelope.id)
    _check(report, 1, "检查点签名", "checkpoint", lambda: _signed(evidence, key))
    _check(report, 2, "叶子", "leaf", lambda: _leaf(evidence.entry))
    _check(report, 3, "包含证明", "inclusion", lambda: _included(evidence, key))
    if kept is not None:
        _check(report, 4, "一致性", "consistency", lambda: _continues(kept, evidence, key))
    if signed_act(envelope) is not None:
        _check(report, 5, "签名密钥", "key", lambda: _key_stated(bundle, key))
        _check(report, 6, "本人签名", "signature", lambda: _act_signed(bundle))
    report.owed = _owed(bundle, kept)
    return report


def signed_act(envelope: Envelope) -> ActSignature | None:
    """The signature that a fact carries about a signed act; None for any other fact."""
    try:
        event = registry.event_type(envelope.type)
    except LookupError:
        return None
    if not event.act:
        return None
    try:
        signature: ActSignature = getattr(event.parse(envelope.data), "signature", ActSignature())
    except ParseError:
        return ActSignature()
    return signature


def open_checkpoint(note: str, key: LedgerKey) -> Checkpoint:
    """The checkpoint of a note, if the ledger's key signed it; raises DoesNotHold."""
    try:
        return checkpoint.parse_and_verify(note, key.public_key, key.origin or note.split("\n", 1)[0])
    except checkpoint.CheckpointError as error:
        raise DoesNotHold(str(error)) from None


def assert_follows(earlier: Checkpoint, later: Checkpoint, proof: tuple[bytes, ...]) -> None:
    """The log of the later checkpoint holds all that the earlier one's held; raises DoesNotHold."""
    if earlier.origin != later.origin:
        raise DoesNotHold("the checkpoints are of two logs")
    if earlier.size > later.size:
        raise DoesNotHold(f"the log had {earlier.size} entries and has {later.size}")
    try:
        merkle.verify_consistency(earlier.size, later.size, earlier.root, later.root, proof)
    except merkle.ProofError as error:
        raise DoesNotHold(f"size {earlier.size} to {later.size}: {error}") from None


def _check(report: Report, number: int, zh: str, en: str, check: Callable[[], str]) -> None:
    holds: bool | None
    try:
        said, holds = check(), True
    except DoesNotHold as error:
        said, holds = str(error), False
    except NotChecked as error:
        said, holds = str(error), None
    report.steps.append(Step(number, zh, en, holds, said))


def _signed(evidence: GetEvidenceResponse, key: LedgerKey) -> str:
    found = _checkpoint(evidence, key)
    return f"{found.origin}: size {found.size}, root {found.root.hex()}, {found.time:%Y-%m-%dT%H:%M:%SZ}"


def _checkpoint(evidence: GetEvidenceResponse, key: LedgerKey) -> Checkpoint:
    """What the ledger signed; the members beside the note must not say anything else."""
    shown, found = evidence.checkpoint, open_checkpoint(evidence.checkpoint.note, key)
    if Checkpoint(shown.origin, shown.size, shown.root, shown.time.ToDatetime(tzinfo=UTC)) != found:
        raise DoesNotHold("the checkpoint says something else than its signed note")
    return found


def _leaf(entry: Entry) -> str:
    if len(entry.salt) != ledger.SALT_BYTES:
        raise DoesNotHold(f"the salt has {len(entry.salt)} bytes")
    if ledger.leaf(message_json(entry.envelope), entry.salt) != entry.leaf_hash:
        raise DoesNotHold("the envelope and the salt do not make this leaf: one of them was changed")
    return f"{entry.envelope.type} {entry.envelope.subject}: {entry.leaf_hash.hex()}"


def _included(evidence: GetEvidenceResponse, key: LedgerKey) -> str:
    found, entry = _checkpoint(evidence, key), evidence.entry
    proof = list(evidence.inclusion_proof)
    try:
        merkle.verify_inclusion(entry.index, found.size, entry.leaf_hash, proof, found.root)
    except merkle.ProofError as error:
        raise DoesNotHold(str(error)) from None
    return f"entry {entry.index} of {found.size}, {len(proof)} hashes"


def _continues(kept: Kept, evidence: GetEvidenceResponse, key: LedgerKey) -> str:
    earlier, later = open_checkpoint(kept.note, key), _checkpoint(evidence, key)
    if kept.consistency is None:
        raise NotChecked(f"no proof from size {earlier.size} to {later.size} at hand")
    assert_follows(earlier, later, kept.consistency)
    return f"the first {earlier.size} entries are the same"


def _key_stated(bundle: Bundle, key: LedgerKey) -> str:
    if bundle.key is None:
        raise NotChecked("the fact that states the person's key is not at hand")
    linked, entry = bundle.key.evidence, bundle.key.evidence.entry
    _leaf(entry)
    _included(linked, key)
    earlier, later = _checkpoint(linked, key), _checkpoint(bundle.evidence, key)
    assert_follows(earlier, later, bundle.key.consistency)
    stated = _stated_key(entry.envelope)
    _assert_belongs(stated, entry.envelope, bundle.evidence.entry.envelope)
    return f"key {stated.key_id} of person:{stated.person_id}, entry {entry.index}"


def _stated_key(envelope: Envelope) -> KeyActivated:
    stated = _fact(envelope)
    if envelope.source != "identity" or not isinstance(stated, KeyActivated):
        raise DoesNotHold("the fact at hand states no key")
    return stated


def _assert_belongs(stated: KeyActivated, key_fact: Envelope, act: Envelope) -> None:
    signature = signed_act(act)
    if signature is None or stated.key_id != signature.key_id:
        raise DoesNotHold("the act is signed with another key than the one that is stated")
    if act.actor != f"person:{stated.person_id}":
        raise DoesNotHold(f"the key is person:{stated.person_id}'s, the act {act.actor}'s")
    if act.time.ToNanoseconds() < key_fact.time.ToNanoseconds():
        raise DoesNotHold("the key became active after the act")


def _act_signed(bundle: Bundle) -> str:
    if bundle.key is None:
        raise NotChecked("the person's key is not at hand")
    envelope = bundle.evidence.entry.envelope
    event, stated = registry.event_type(envelope.type), _stated_key(bundle.key.evidence.entry.envelope)
    if not verify_act(stated.public_key, event.act, event.act_request(_fact(envelope))):
        raise DoesNotHold("the signature is not over this act by this key")
    return f"{event.act} by {envelope.actor}"


def _fact(envelope: Envelope) -> Message:
    try:
        return registry.event_type(envelope.type).parse(envelope.data)
    except (LookupError, ParseError) as error:
        raise DoesNotHold(f"{envelope.type}: the fact cannot be read: {error}") from None


def _owed(bundle: Bundle, kept: Kept | None) -> list[Owed]:
    owed = [KEY_OWED]
    if kept is None or kept.consistency is None:
        owed.append(SAME_LOG_OWED)
    signature = signed_act(bundle.evidence.entry.envelope)
    if signature is not None:
        owed.append(_standing_owed(signature.key_id, bundle.evidence.entry.envelope))
    if signature is not None and bundle.key is None:
        owed.append(SIGNATURE_OWED)
    return owed


def _standing_owed(key_id: str, act: Envelope) -> Owed:
    at = act.time.ToJsonString()
    return Owed(
        f"密钥 {key_id} 在 {at} 之前未被撤销或更换。",
        f"That key {key_id} was not revoked or replaced before {at}: list the key.* facts.",
    )
