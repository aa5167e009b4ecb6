"""What is tried again and what never, and what a service asks identity for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import grpc
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.descriptor import ServiceDescriptor

from jiangheng.api.feed.v1 import feed_pb2
from jiangheng.api.identity.v1 import identity_pb2
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.client import invoke
from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.errors import Kind, Problem, unavailable, wrong_state
from jiangheng.chassis.identity_client import ServiceTokens, identity_channel, key_set_fetch
from jiangheng.chassis.keyset import JwksFetcher, jwks
from jiangheng.chassis.policy import methods_of
from jiangheng.chassis.server import Mounted, Server

TOKENS = identity_pb2.DESCRIPTOR.services_by_name["TokenService"]
FEED = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]


class Flaky:
    """Says no so many times, then answers."""

    def __init__(self, problem: Problem, times: int) -> None:
        self.problem, self.left, self.calls = problem, times, 0

    def __call__(self, _name: str, _request: Any) -> None:
        self.calls += 1
        if self.left:
            self.left -= 1
            raise self.problem


AWAY = unavailable("不在。", "Away.")


@pytest.mark.parametrize(
    ("method", "problem", "times", "calls", "answered"),
    [
        ("GetKeySet", AWAY, 2, 3, True),
        ("GetKeySet", AWAY, 9, 4, False),
        ("GetKeySet", wrong_state("x", "否。", "no"), 1, 1, False),
        ("LogIn", AWAY, 1, 1, False),
        ("LogOut", AWAY, 1, 1, False),
    ],
)
def test_only_what_does_no_harm_twice_is_tried_again(
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
    call: Callable[..., Any],
    method: str,
    problem: Problem,
    times: int,
    calls: int,
    answered: bool,
) -> None:
    flaky = Flaky(problem, times)
    to = connect(start(mounted(TOKENS, flaky)), TOKENS)
    descriptor = TOKENS.methods_by_name[method]
    request = getattr(identity_pb2, f"{method}Request")()
    if answered:
        invoke(call(to, descriptor), request)
    else:
        with pytest.raises(Problem) as raised:
            invoke(call(to, descriptor), request)
        assert raised.value.code == problem.code
    assert flaky.calls == calls


def test_every_repeatable_method_of_the_contracts_is_a_reading_one(
    contracts: Callable[[], list[ServiceDescriptor]],
) -> None:
    repeatable = {
        name.rpartition("/")[2] for name, method in methods_of(contracts()).items() if method.repeatable
    }
    assert "GetKeySet" in repeatable
    assert all(name.startswith(("Get", "List")) for name in repeatable)


def test_a_server_that_is_not_there_is_a_problem() -> None:
    with identity_channel("127.0.0.1:1") as to, pytest.raises(Problem) as raised:
        key_set_fetch(to)()
    assert raised.value.kind is Kind.UNAVAILABLE


def test_a_token_is_sent_as_bearer(
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
    call: Callable[..., Any],
    token: Callable[..., str],
) -> None:
    from jiangheng.chassis.auth import Grant

    caller = Caller("service", "supervision", (Grant("service", frozenset({"feed.read"}), region="00"),))
    listing = call(connect(start(mounted(FEED))), FEED.methods_by_name["List"])
    made = token(caller)
    for given in (made, lambda: made):
        assert invoke(listing, feed_pb2.ListRequest(stream="main"), token=given) == feed_pb2.ListResponse()
    with pytest.raises(Problem, match="token-missing"):
        invoke(listing, feed_pb2.ListRequest(stream="main"))


class Identity:
    """TokenService as far as services need it: checks assertions, numbers its tokens."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.keys = {"first": Ed25519PrivateKey.generate().public_key()}
        self.service_key = Ed25519PrivateKey.generate()
        self.assertions: list[dict[str, Any]] = []
        self.problem: Problem | None = None

    def __call__(self, name: str, request: Any) -> Any:
        if self.problem:
            raise self.problem
        if name == "GetKeySet":
            return identity_pb2.GetKeySetResponse(jwks=jwks(self.keys))
        options: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
        claims = jwt.decode(
            request.assertion, self.service_key.public_key(), algorithms=["EdDSA"], options=options
        )
        self.assertions.append(claims)
        answer = identity_pb2.IssueServiceTokenResponse(
            access_token=f"{request.audience} {len(self.assertions)}"
        )
        answer.access_expires.FromDatetime((self.clock.now() + timedelta(seconds=600)).astimezone(UTC))
        return answer


@pytest.fixture
def identity(clock: FixedClock) -> Identity:
    return Identity(clock)


@pytest.fixture
def to_identity(
    identity: Identity,
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
) -> grpc.Channel:
    return connect(start(mounted(TOKENS, identity)), TOKENS)


def test_the_key_set_comes_from_identity(
    identity: Identity, to_identity: grpc.Channel, clock: FixedClock
) -> None:
    keys = JwksFetcher(key_set_fetch(to_identity), clock)
    assert keys.find("first") == identity.keys["first"]
    identity.problem = AWAY
    clock.advance(timedelta(hours=1))
    assert keys.find("first") == identity.keys["first"]


def test_a_service_proves_itself_by_its_own_key(
    identity: Identity, to_identity: grpc.Channel, clock: FixedClock
) -> None:
    tokens = ServiceTokens("supervision", identity.service_key, to_identity, clock)
    assert tokens.token("registration") == "registration 1"
    (claims,) = identity.assertions
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("supervision", "supervision", "identity")
    assert claims["exp"] - claims["iat"] == 60
    assert claims["iat"] == int(clock.now().timestamp())


def test_a_token_is_kept_until_shortly_before_its_end(
    identity: Identity, to_identity: grpc.Channel, clock: FixedClock
) -> None:
    tokens = ServiceTokens("supervision", identity.service_key, to_identity, clock)
    assert [tokens.token(name) for name in ("a", "b", "a", "b")] == ["a 1", "b 2", "a 1", "b 2"]
    clock.advance(timedelta(seconds=539))
    assert tokens.token("a") == "a 1"
    clock.advance(timedelta(seconds=1))
    assert tokens.token("a") == "a 3"
    assert len({claims["jti"] for claims in identity.assertions}) == 3


def test_a_refusal_of_identity_is_told(
    identity: Identity, to_identity: grpc.Channel, clock: FixedClock
) -> None:
    identity.problem = wrong_state("ended", "已停用。", "Ended.")
    with pytest.raises(Problem, match="Ended"):
        ServiceTokens("supervision", identity.service_key, to_identity, clock).token("registration")
