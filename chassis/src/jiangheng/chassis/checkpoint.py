"""Signed checkpoints of a log: C2SP tlog-checkpoint, which is a C2SP signed note.

    <origin>
    <size, decimal>
    <root, base64>
    time <RFC 3339, UTC>

    — <origin> <base64 of key id and Ed25519 signature>

The line with the time is ours; the format calls it an extension line. A verifier
ignores further extension lines and signatures by keys that it does not know.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jiangheng.chassis.clocks import rfc3339
from jiangheng.chassis.merkle import HASH_SIZE

LARGEST_NOTE = 64 * 1024

_ED25519 = b"\x01"
_NAME = re.compile(r"[^\s+\x00-\x1f]+")
_UNFIT = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_TEXT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/=]+)\n((?:[^\n]+\n)*)")
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_TIME = "time "


class CheckpointError(ValueError):
    """A note that is not to be believed."""


class Malformed(CheckpointError):
    """It is no note, or no checkpoint."""


class NotSigned(CheckpointError):
    """It bears no signature by the key that was asked for."""


class BadSignature(CheckpointError):
    """It bears one, and that is wrong."""


class WrongOrigin(CheckpointError):
    """It speaks of another log."""


@dataclass(frozen=True)
class Checkpoint:
    """That the log had this size and this root at this time."""

    origin: str
    size: int
    root: bytes
    time: datetime


def sign(origin: str, size: int, root: bytes, time: datetime, key: Ed25519PrivateKey) -> str:
    """The checkpoint as a signed note; the name of the key is the origin.

    Raises Malformed for an origin with white space or a plus sign, a negative
    size, or a root that has not 32 bytes.
    """
    if size < 0 or len(root) != HASH_SIZE:
        raise Malformed("a checkpoint states a size and a root of 32 bytes")
    root_line = base64.b64encode(root).decode()
    return sign_note(f"{origin}\n{size}\n{root_line}\n{_TIME}{rfc3339(time)}\n", origin, key)


def parse_and_verify(note: str, public_key: Ed25519PublicKey, origin: str) -> Checkpoint:
    """The checkpoint of this log, if the note bears its key's signature.

    Raises NotSigned, BadSignature, WrongOrigin or Malformed. The caller still
    owes: that the key is the log's, and that this checkpoint follows from the
    last one he saw (merkle.verify_consistency).
    """
    checkpoint = _parse(open_note(note, origin, public_key))
    if checkpoint.origin != origin:
        raise WrongOrigin("the checkpoint is of another log")
    return checkpoint


def key_id(name: str, public_key: Ed25519PublicKey) -> bytes:
    """The four bytes that say which key signed."""
    return sha256(name.encode() + b"\n" + _ED25519 + public_key.public_bytes_raw()).digest()[:4]


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """The text as a signed note; it ends in a newline. Raises Malformed if it cannot be one."""
    if not _NAME.fullmatch(name) or not text.endswith("\n"):
        raise Malformed("a key's name has no space and no plus sign, a text ends in a newline")
    _check_characters(text)
    signature = key_id(name, key.public_key()) + key.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, name: str, public_key: Ed25519PublicKey) -> str:
    """The text of a note that this key signed under this name. Raises NotSigned, BadSignature, Malformed."""
    _check_characters(note)
    text, blank, rest = note.rpartition("\n\n")
    if not blank or not rest.endswith("\n"):
        raise Malformed("a note has a text, an empty line and signatures")
    wanted = key_id(name, public_key)
    signatures = [_signature(line) for line in rest[:-1].split("\n")]
    ours = [value[4:] for signer, value in signatures if signer == name and value[:4] == wanted]
    if not ours:
        raise NotSigned("the note is not signed by the key that was asked for")
    for signature in ours:
        _verify(public_key, signature, f"{text}\n")
    return f"{text}\n"


def _verify(public_key: Ed25519PublicKey, signature: bytes, text: str) -> None:
    try:
        public_key.verify(signature, text.encode())
    except InvalidSignature:
        raise BadSignature("the signature does not fit the text") from None


def _signature(line: str) -> tuple[str, bytes]:
    parts = _SIGNATURE_LINE.fullmatch(line)
    if not parts:
        raise Malformed("a line after the text is no signature")
    return parts[1], _decode(parts[2])


def _parse(text: str) -> Checkpoint:
    parts = _TEXT.fullmatch(text)
    if not parts:
        raise Malformed("the text is no checkpoint")
    times = [line.removeprefix(_TIME) for line in parts[4].split("\n") if line.startswith(_TIME)]
    if len(times) != 1:
        raise Malformed("the checkpoint does not state one time")
    return Checkpoint(parts[1], int(parts[2]), _root(parts[3]), _time(times[0]))


def _root(line: str) -> bytes:
    root = _decode(line)
    if len(root) != HASH_SIZE:
        raise Malformed("a root has 32 bytes")
    return root


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
        if rfc3339(time) == text:
            return time
    except ValueError:
        pass
    raise Malformed("the time is not RFC 3339 in UTC")


def _decode(text: str) -> bytes:
    """Base64 in its one canonical spelling."""
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError:
        raise Malformed("not base64") from None
    if base64.b64encode(value).decode() != text:
        raise Malformed("not the canonical base64")
    return value


def _check_characters(note: str) -> None:
    if len(note) > LARGEST_NOTE or _UNFIT.search(note):
        raise Malformed("too long, or with characters that a note may not have")
