"""Signing keys: proof of possession and four eyes."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jiangheng.api.identity.v1 import identity_pb2
from jiangheng.api.policy.v1.policy_pb2 import method_policy
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.identity.domain.signing_key import (
    APPROVALS_NEEDED,
    check_approver,
    check_proof,
    key_id_of,
    proof_text,
)


def test_the_proof_binds_key_and_person() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    check_proof("p", public, key.sign(proof_text("p", public)))
    for person, proof in (
        ("q", key.sign(proof_text("p", public))),
        ("p", other.sign(proof_text("p", public))),
        ("p", b""),
    ):
        with pytest.raises(Problem) as refused:
            check_proof(person, public, proof)
        assert refused.value.field == "proof"


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(Problem) as refused:
        check_proof("p", b"short", b"")
    assert refused.value.field == "public_key"


@pytest.mark.parametrize(("approver", "code"), [("holder", "own-key"), ("first", "already-approved")])
def test_four_eyes(approver: str, code: str) -> None:
    with pytest.raises(Problem) as refused:
        check_approver("holder", {"first"}, approver)
    assert (refused.value.kind, refused.value.rule, refused.value.code) == (Kind.FORBIDDEN, "IAM-007", code)
    check_approver("holder", {"first"}, "second")


def test_the_contract_asks_for_as_many_approvers_as_the_domain() -> None:
    service = identity_pb2.DESCRIPTOR.services_by_name["AdministrationService"]
    policy = service.methods_by_name["ApproveKey"].GetOptions().Extensions[method_policy]
    assert policy.distinct_approvers == APPROVALS_NEEDED


def test_a_key_is_named_by_its_fingerprint() -> None:
    assert key_id_of(bytes(32)) == "66687aadf862bd776c8fc18b8e9f8e20"
