"""Service principals: known by their key, for their scopes, each assertion once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jiangheng.chassis.errors import Kind, Problem
from jiangheng.identity.operations.forget_expired import forget_expired
from jiangheng.identity.operations.issue_service_token import issue_service_token
from jiangheng.identity.operations.register_service import checked, provision, register_service
from jiangheng.identity.store import tables

KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def principal(
    name: str = "supervision", key: Ed25519PrivateKey = KEY, scopes: tuple[str, ...] = ("feed.read",)
) -> Any:
    return checked(name, key.public_key().public_bytes_raw(), list(scopes))


def assertion(world: Any, *, key: Any = KEY, algorithm: Any = "EdDSA", **changed: Any) -> str:
    now = int(world.clock.now().timestamp())
    claims = {
        "iss": "supervision",
        "sub": "supervision",
        "aud": "identity",
        "iat": now,
        "exp": now + 60,
        "jti": "one",
    } | changed
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key if algorithm == "EdDSA" else "s" * 32, algorithm=algorithm)


def refused(world: Any, text: str) -> Problem:
    with pytest.raises(Problem) as problem:
        issue_service_token(world.identity, text, "registration")
    return problem.value


@pytest.mark.requirement("IAM-001")
def test_an_assertion_gives_a_service_token(world: Any) -> None:
    provision(world.identity, principal())
    token = issue_service_token(world.identity, assertion(world), "registration")
    caller = world.verified(token.text, "registration")
    assert (caller.kind, caller.id, caller.holds(["feed.read"])) == ("service", "supervision", True)
    assert not caller.holds(["account.own"])
    assert token.expires == world.clock.now() + timedelta(seconds=600)


@pytest.mark.requirement("IAM-001")
def test_every_fault_of_an_assertion_reads_the_same(world: Any) -> None:
    provision(world.identity, principal())
    now = int(world.clock.now().timestamp())
    faulty = [
        assertion(world, key=OTHER),
        assertion(world, algorithm="HS256"),
        assertion(world, iss="registration", sub="registration"),
        assertion(world, sub="registration"),
        assertion(world, aud="registration"),
        assertion(world, exp=now + 61),
        assertion(world, iat=now - 60, exp=now),
        assertion(world, iat=now + 30),
        assertion(world, exp=now - 5),
        assertion(world, exp="soon"),
        assertion(world, iat=float("1e300")),
        assertion(world, jti=""),
        assertion(world, jti="x" * 200),
        *(assertion(world, **{name: None}) for name in ("iss", "sub", "aud", "iat", "exp", "jti")),
        "",
        "no.jwt.atall",
        "x" * 5000,
    ]
    answers = {
        (problem.kind, problem.code, problem.en) for problem in (refused(world, text) for text in faulty)
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] is Kind.UNAUTHENTICATED
    issue_service_token(world.identity, assertion(world), "registration")


def test_an_assertion_is_used_once(world: Any) -> None:
    provision(world.identity, principal())
    text = assertion(world)

    def attempt(_: int) -> bool:
        try:
            issue_service_token(world.identity, text, "registration")
        except Problem:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(attempt, range(3))) == 1
    world.passes(seconds=59)
    refused(world, text)
    world.passes(minutes=10)
    forget_expired(world.identity)
    assert world.rows(tables.used_assertion) == []
    refused(world, text)


def test_a_name_is_one_services(world: Any) -> None:
    register_service(world.identity, world.admin, principal())
    register_service(world.identity, world.admin, principal())
    assert len(world.facts("principal.registered.v1")) == 1
    with pytest.raises(Problem) as taken:
        register_service(world.identity, world.admin, principal(key=OTHER))
    assert taken.value.kind is Kind.EXISTS
    issue_service_token(world.identity, assertion(world), "registration")


def test_the_operator_exchanges_a_key(world: Any) -> None:
    assert provision(world.identity, principal())
    assert not provision(world.identity, principal())
    assert provision(world.identity, principal(key=OTHER))
    refused(world, assertion(world))
    issue_service_token(world.identity, assertion(world, key=OTHER), "registration")
    assert [fact["actor"] for fact in world.facts("principal.registered.v1")] == ["system", "system"]


@pytest.mark.requirement("IAM-001")
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"scopes": ()}, "scopes"),
        ({"scopes": ("feed.read", "registration.filing.decide")}, "scopes"),
        ({"scopes": ("account.own",)}, "scopes"),
        ({"name": "Supervision"}, "name"),
        ({"name": "x"}, "name"),
        ({"name": "super vision"}, "name"),
    ],
)
def test_no_service_holds_what_is_a_persons(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Problem) as problem:
        principal(**changed)
    assert problem.value.field == field
