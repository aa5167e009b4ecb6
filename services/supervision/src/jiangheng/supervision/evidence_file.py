"""Evidence and keys as files: what somebody can be handed and check on a machine without a network.

An evidence file holds nothing but what the checks cover: whoever changes what it says is found out.
"""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError

from jiangheng.api.supervision.v1.ledger_pb2 import GetEvidenceResponse
from jiangheng.chassis import checkpoint
from jiangheng.supervision.evidence import Bundle, LedgerKey, Linked

FORMAT = "jiangheng-evidence-v1"
_ED25519 = b"\x01"


class Unreadable(ValueError):
    """A file that is not what it should be, in a sentence."""


def to_json(bundle: Bundle) -> str:
    """The evidence file's text: the proto JSON of what the ledger answered."""
    content: dict[str, Any] = {"format": FORMAT, "evidence": _plain(bundle.evidence)}
    if bundle.key is not None:
        proof = [base64.b64encode(value).decode() for value in bundle.key.consistency]
        content["key"] = {"evidence": _plain(bundle.key.evidence), "consistency": proof}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def from_json(text: str) -> Bundle:
    """The evidence in a file's text. Raises Unreadable for anything that `to_json` does not write."""
    try:
        content = json.loads(text)
        key = _linked(content["key"]) if "key" in content else None
        bundle = Bundle(_evidence(content["evidence"]), key)
    except (KeyError, TypeError, AttributeError, RecursionError, ParseError, ValueError) as error:
        raise Unreadable(f"not an evidence file: {error}") from None
    if json.loads(to_json(bundle)) != content:
        raise Unreadable(f"not an evidence file as {FORMAT} says it: it was edited")
    return bundle


def read_key(path: Path) -> LedgerKey:
    """The ledger's public key: PEM, or one line "<origin>+<key id>+<base64>" (C2SP signed note)."""
    text = path.read_text(encoding="utf-8")
    if text.startswith("-----BEGIN"):
        return LedgerKey(pem_key(text))
    return parse_verifier_key(text.strip())


def verifier_key(key: LedgerKey) -> str:
    """The one line that names a log and its key."""
    encoded = base64.b64encode(_ED25519 + key.public_key.public_bytes_raw()).decode()
    return f"{key.origin}+{checkpoint.key_id(key.origin, key.public_key).hex()}+{encoded}"


def parse_verifier_key(line: str) -> LedgerKey:
    """The log and key that `verifier_key` names. Raises Unreadable."""
    try:
        origin, _, encoded = line.split("+", 2)
        value = base64.b64decode(encoded, validate=True)
        key = LedgerKey(Ed25519PublicKey.from_public_bytes(value[1:]), origin)
    except (binascii.Error, ValueError):
        raise Unreadable("neither a PEM key nor a line <origin>+<key id>+<key>") from None
    if value[:1] != _ED25519 or verifier_key(key) != line:
        raise Unreadable("the key does not fit its own id: it was copied wrongly")
    return key


def pem_key(text: str) -> Ed25519PublicKey:
    """The Ed25519 public key in a PEM text. Raises Unreadable."""
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise Unreadable("not a public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise Unreadable("not an Ed25519 key")
    return key


def _plain(evidence: GetEvidenceResponse) -> dict[str, Any]:
    covered = GetEvidenceResponse()
    covered.CopyFrom(evidence)
    # When it was recorded is the ledger's word only; the signed checkpoint's time stands in the note.
    covered.entry.ClearField("recorded_at")
    return MessageToDict(covered, preserving_proto_field_name=True)


def _evidence(value: dict[str, Any]) -> GetEvidenceResponse:
    return ParseDict(value, GetEvidenceResponse())


def _linked(value: dict[str, Any]) -> Linked:
    proof = tuple(base64.b64decode(text, validate=True) for text in value["consistency"])
    return Linked(_evidence(value["evidence"]), proof)
