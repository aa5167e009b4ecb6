"""What a person signs, and that nothing else passes for it."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.api.registration.v1.registration_pb2 import CompleteFilingRequest
from jiangheng.chassis.acts import act_digest, sign_act, verify_act

METHOD = "/jiangheng.api.registration.v1.InstitutionService/CompleteFiling"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


def request(**fields: Any) -> CompleteFilingRequest:
    sound = {"credit_code": "91220101MA0Y1234XK", "revision": 3, "dossier_digest": b"\x01" * 32}
    return CompleteFilingRequest(**{**sound, **fields})


def test_the_text_that_is_signed_is_for_good() -> None:
    """Written out by hand from policy.proto: if it changed, no old signature could be checked."""
    text = (
        b"jiangheng-act-v1\0" + METHOD.encode() + b"\0"
        b'{"credit_code":"91220101MA0Y1234XK","dossier_digest":"' + b"AQEB" * 10 + b'AQE=","revision":"3"}'
    )
    KEY.public_key().verify(sign_act(KEY, "key-1", METHOD, request()).signature, _sha256(text))


def _sha256(text: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(text).digest()


def test_a_signed_act_is_verified_with_the_signature_in_place() -> None:
    act = request()
    act.signature.CopyFrom(sign_act(KEY, "key-1", METHOD, act))
    assert verify_act(PUBLIC, METHOD, act)
    assert act.signature.key_id == "key-1"


@given(
    st.builds(
        request,
        credit_code=st.text(max_size=20),
        revision=st.integers(0, 2**64 - 1),
        dossier_digest=st.binary(),
    )
)
def test_another_act_has_another_digest(other: CompleteFilingRequest) -> None:
    act = request()
    assert (act_digest(METHOD, act) == act_digest(METHOD, other)) == (act == other)


@pytest.mark.parametrize("changed", [{"credit_code": "x"}, {"revision": 4}, {"dossier_digest": b"\x02" * 32}])
def test_a_signature_does_not_cover_what_was_changed_afterwards(changed: dict[str, Any]) -> None:
    act = request(**changed)
    act.signature.CopyFrom(sign_act(KEY, "key-1", METHOD, request()))
    assert not verify_act(PUBLIC, METHOD, act)


def test_a_signature_is_for_one_method_and_one_key() -> None:
    act = request()
    act.signature.CopyFrom(sign_act(KEY, "key-1", METHOD, act))
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert not verify_act(PUBLIC, METHOD + "x", act)
    assert not verify_act(other, METHOD, act)
    assert not verify_act(b"short", METHOD, act)
    act.signature.signature = b""
    assert not verify_act(PUBLIC, METHOD, act)
