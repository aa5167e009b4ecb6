"""Contracts and roles speak of the same scopes: none that nobody holds, none that nothing asks for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from google.protobuf.descriptor import MethodDescriptor

from jiangheng.api.policy.v1 import policy_pb2
from jiangheng.rules import duties

PROTOS = Path(__file__).parents[2] / "protos"
# What later services will ask for; the roles exist because conflicts are about them.
NOT_ASKED_FOR_YET = {
    "exam.score",
    "itembank.item.draft",
    "itembank.item.review",
    "itembank.item.collect",
    "itembank.bank.accept",
    "itembank.bank.manage",
    "itembank.vault.keep",
    "exam.roster.manage",
    "exam.session.lead",
    "exam.session.proctor",
    "exam.score.settle",
    "exam.mark.give",
    "exam.mark.enter",
    "exam.mark.check",
    "exam.objection.decide",
    "supervision.session.record",
    "supervision.dispatch.manage",
    "supervision.sanction.propose",
    "supervision.sanction.decide",
    "supervision.archive.keep",
    "supervision.destruction.approve",
    "certificate.stock.keep",
    "certificate.issue.prepare",
    "certificate.issue.approve",
    "certificate.data.upload",
    "exam.roster.claim",
    "registration.batch.read",
    "itembank.paper.fetch",
    "exam.result.read",
}


def methods() -> list[MethodDescriptor]:
    names = [path.relative_to(PROTOS).with_suffix("").parts for path in sorted(PROTOS.rglob("*.proto"))]
    modules = [import_module(".".join(parts) + "_pb2") for parts in names]
    services = [service for module in modules for service in module.DESCRIPTOR.services_by_name.values()]
    return [method for service in services for method in service.methods]


def policy_of(method: MethodDescriptor) -> policy_pb2.MethodPolicy:
    return method.GetOptions().Extensions[policy_pb2.method_policy]


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.full_name.rsplit("v1.", 1)[1])
def test_somebody_of_the_right_kind_can_hold_every_scope(method: MethodDescriptor) -> None:
    policy = policy_of(method)
    for scope in policy.scopes:
        holder = duties.scopes()[scope].holder
        kinds = {"person": policy_pb2.PRINCIPALS_PERSON, "service": policy_pb2.PRINCIPALS_SERVICE}
        assert policy.principals in (kinds[holder], policy_pb2.PRINCIPALS_PERSON_OR_SERVICE)
        carried = any(scope in duties.scopes_of([role]) for role in duties.roles())
        assert carried or holder == "service" or scope == "account.own"


def test_every_scope_is_asked_for_by_a_method() -> None:
    asked = {scope for method in methods() for scope in policy_of(method).scopes}
    assert set(duties.scopes()) - asked == NOT_ASKED_FOR_YET
