"""Acts that a person signs with his own key: what exactly is signed, and its check.

The text signed is stated in jiangheng/api/policy/v1/policy.proto. Anyone with
the request, the person's public key and this file can repeat the check.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from google.protobuf.message import Message

from jiangheng.api.policy.v1.policy_pb2 import ActSignature
from jiangheng.chassis.canonical import digest, message_json

SIGNATURE_FIELD = "signature"
_PREFIX = b"jiangheng-act-v1\0"


def act_digest(method: str, request: Message) -> bytes:
    """SHA-256 over what is approved: the method ("/package.Service/Method") and the request.

    The request's own signature field is left out.
    """
    bare = type(request)()
    bare.CopyFrom(request)
    bare.ClearField(SIGNATURE_FIELD)
    return digest(_PREFIX + method.encode("utf-8") + b"\0" + message_json(bare))


def sign_act(private_key: Ed25519PrivateKey, key_id: str, method: str, request: Message) -> ActSignature:
    """The signature to put into the request's field `signature`."""
    return ActSignature(key_id=key_id, signature=private_key.sign(act_digest(method, request)))


def verify_act(public_key: bytes, method: str, request: Message) -> bool:
    """True if the request carries a signature by this key (Ed25519, 32 bytes) over exactly this act."""
    signature: ActSignature = getattr(request, SIGNATURE_FIELD)
    try:
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(signature.signature, act_digest(method, request))
    except (ValueError, InvalidSignature):
        return False
    return True
