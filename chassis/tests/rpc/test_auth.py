"""Grants and how far they reach; tokens and everything that can be wrong with one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.chassis.auth import (
    ANYONE,
    MAX_TOKEN_LENGTH,
    TOKEN_LIFE,
    Caller,
    Grant,
    Owner,
    Reach,
    TokenVerifier,
    sign_token,
)
from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.chassis.keyset import JwksFetcher, jwks

READ = frozenset({"thing.read"})
PERSON = Caller("person", "p-1", (Grant("reader", READ, region="22"),))
DIGITS = st.text("0123456789", min_size=1, max_size=3).map(lambda text: text.zfill(len(text) * 2))


@pytest.mark.requirement("IAM-011")
@pytest.mark.parametrize(
    ("region", "place", "covered"),
    [
        ("22", "220102", True),
        ("2201", "220102", True),
        ("220102", "220102", True),
        ("2202", "220102", False),
        ("37", "220102", False),
        ("00", "220102", True),
        ("00", "", True),
        ("22", "", False),
        ("220102", "22", False),
        ("", "220102", False),
    ],
)
def test_a_regions_grant_reaches_what_lies_in_it(region: str, place: str, covered: bool) -> None:
    assert Grant("officer", READ, region=region).covers(Owner("91", place)) is covered


@pytest.mark.requirement("IAM-012")
def test_an_institutions_grant_reaches_that_institution_only() -> None:
    grant = Grant("officer", READ, institution="91A")
    assert grant.covers(Owner("91A", "220102"))
    assert not grant.covers(Owner("91B", "220102"))
    assert not Grant("officer", READ).covers(Owner("", ""))
    # Were a grant for both, it would be for the institution.
    assert not Grant("officer", READ, institution="91A", region="00").covers(Owner("91B", "220102"))


@given(DIGITS, DIGITS)
def test_no_region_reaches_beside_itself(outer: str, inner: str) -> None:
    reached = Grant("officer", READ, region=outer).covers(Owner("91", inner))
    assert reached == (outer == "00" or inner[: len(outer)] == outer)


def test_scope_and_territory_must_stand_in_one_grant() -> None:
    caller = Caller("person", "p", (Grant("a", READ, "91A"), Grant("b", frozenset({"thing.write"}), "91B")))
    assert caller.covers(Owner("91A", "22"), "thing.read")
    assert not caller.covers(Owner("91B", "22"), "thing.read")
    assert caller.covers(Owner("91B", "22"), "thing.read", "thing.write")
    assert caller.holds(["nothing", "thing.write"])
    assert not caller.holds([])
    assert not caller.holds("thing")


def test_reach_is_what_list_calls_are_limited_to() -> None:
    grants = (
        Grant("a", READ, institution="91A"),
        Grant("b", READ, region="22"),
        Grant("c", frozenset({"other"}), region="37"),
        Grant("d", READ, institution="91B", region="44"),
    )
    reach = Caller("person", "p", grants).reach("thing.read")
    assert reach == Reach(frozenset({"91A", "91B"}), frozenset({"22"}))


def test_actors_carry_their_kind() -> None:
    assert (PERSON.actor, Caller("service", "exam").actor, ANYONE.actor) == (
        "person:p-1",
        "service:exam",
        "anyone",
    )


def test_a_token_brings_back_its_caller(verifier: TokenVerifier, token: Callable[..., str]) -> None:
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    grants = (Grant("a", READ, institution="91A"), Grant("b", frozenset({"x", "y"}), region="2201"))
    caller = Caller("person", "p-1", grants, "key-1", key)
    assert verifier.verify(token(caller)) == caller
    machine = Caller("service", "supervision", (Grant("service", frozenset({"feed.read"}), region="00"),))
    assert verifier.verify(token(machine)) == machine


def code_of(verifier: TokenVerifier, token: str) -> str:
    with pytest.raises(Problem) as raised:
        verifier.verify(token)
    assert raised.value.kind is Kind.UNAUTHENTICATED
    return raised.value.code


def test_a_token_lives_from_its_begin_to_its_end(
    verifier: TokenVerifier, token: Callable[..., str], clock: FixedClock
) -> None:
    made = token(PERSON)
    clock.advance(TOKEN_LIFE - timedelta(seconds=1))
    assert verifier.verify(made) == PERSON
    clock.advance(timedelta(seconds=1))
    assert code_of(verifier, made) == "token-expired"
    assert code_of(verifier, token(PERSON, at=clock.now() + timedelta(seconds=6))) == "token-invalid"
    assert verifier.verify(token(PERSON, at=clock.now() + timedelta(seconds=5))) == PERSON


def test_a_remembered_token_is_still_looked_at(
    verifier: TokenVerifier, token: Callable[..., str], clock: FixedClock, token_key: Ed25519PrivateKey
) -> None:
    keys = {"k": token_key.public_key()}
    source = JwksFetcher(lambda: jwks(keys), clock)
    looking = TokenVerifier("toy", source, clock)
    made = sign_token(PERSON, "toy", key_id="k", private_key=token_key, at=clock.now())
    assert looking.verify(made) == PERSON
    keys.clear()
    keys["other"] = token_key.public_key()
    clock.advance(timedelta(seconds=61))
    assert code_of(looking, made) == "token-invalid"  # its key was withdrawn


def test_a_token_for_another_service_is_refused_and_its_subject_known(
    verifier: TokenVerifier, token: Callable[..., str], clock: FixedClock
) -> None:
    for made, code in (
        (token(PERSON, "exam"), "wrong-audience"),
        (token(PERSON, at=clock.now() - TOKEN_LIFE), "token-expired"),
    ):
        with pytest.raises(Problem) as raised:
            verifier.verify(made)
        assert (raised.value.code, raised.value.rule) == (code, code)
        assert raised.value.details == {"subject": "person:p-1"}


def claims(clock: FixedClock, **changed: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    made = {
        "iss": "jiangheng-identity",
        "sub": "p-1",
        "aud": "toy",
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        "jti": "1",
        "kind": "person",
        "grants": [{"role": "r", "scopes": ["s"], "institution": "", "region": "22"}],
        **changed,
    }
    return {name: value for name, value in made.items() if value is not None}


def encoded(claims: dict[str, Any], key: Ed25519PrivateKey, kid: str = "token-key-1") -> str:
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


def test_these_claims_are_right(
    verifier: TokenVerifier, clock: FixedClock, token_key: Ed25519PrivateKey
) -> None:
    """Else the tests below would be right for the wrong reason."""
    assert verifier.verify(encoded(claims(clock), token_key)).id == "p-1"


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "iat", "nbf", "exp", "jti", "kind", "grants"])
def test_every_claim_must_be_there(
    verifier: TokenVerifier, clock: FixedClock, token_key: Ed25519PrivateKey, claim: str
) -> None:
    assert code_of(verifier, encoded(claims(clock, **{claim: None}), token_key)) == "token-invalid"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody"},
        {"sub": ""},
        {"sub": "p 1"},
        {"sub": "p" * 129},
        {"aud": ["toy", "exam"]},
        {"aud": ["toy"]},
        {"exp": "soon"},
        {"exp": float("nan")},
        {"kind": "anyone"},
        {"kind": ["person"]},
        {"grants": None, "grant": []},
        {"grants": "all"},
        {"grants": [{"scopes": ["s"]}]},
        {"grants": [{"role": "r", "scopes": ["s"], "region": "2"}]},
        {"grants": [{"role": "r", "scopes": ["s"], "region": "all"}]},
        {"grants": [["role"]]},
        {"cnf": {"kid": "k"}},
        {"cnf": "key"},
        {"cnf": {"kid": "k", "x": "AAAA"}},
        {"cnf": {"kid": "k", "x": "Ã"}},
    ],
)
def test_claims_of_another_shape_are_refused(
    verifier: TokenVerifier, clock: FixedClock, token_key: Ed25519PrivateKey, changed: dict[str, Any]
) -> None:
    assert code_of(verifier, encoded(claims(clock, **changed), token_key)) == "token-invalid"


def test_no_token_outlives_ten_minutes(
    verifier: TokenVerifier, clock: FixedClock, token_key: Ed25519PrivateKey
) -> None:
    end = int(clock.now().timestamp()) + 601
    assert code_of(verifier, encoded(claims(clock, exp=end), token_key)) == "token-invalid"


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_only_one_algorithm_counts(
    verifier: TokenVerifier, clock: FixedClock, token_key: Ed25519PrivateKey
) -> None:
    sound = claims(clock)
    unsigned = f"{part({'alg': 'none', 'kid': 'token-key-1'})}.{part(sound)}."
    assert code_of(verifier, unsigned) == "token-invalid"
    # The public key, which everybody has, used as the secret of a MAC.
    public = base64.urlsafe_b64encode(token_key.public_key().public_bytes_raw())
    mac = jwt.encode(sound, public, algorithm="HS256", headers={"kid": "token-key-1"})
    assert code_of(verifier, mac) == "token-invalid"


def test_a_strangers_signature_does_not_count(
    verifier: TokenVerifier, clock: FixedClock, token_key: Ed25519PrivateKey
) -> None:
    stranger = Ed25519PrivateKey.generate()
    assert code_of(verifier, encoded(claims(clock), stranger)) == "token-invalid"
    assert code_of(verifier, encoded(claims(clock), token_key, kid="unknown")) == "token-invalid"
    forged = encoded(claims(clock, exp=int(clock.now().timestamp()) - 1), stranger)
    with pytest.raises(Problem) as raised:
        verifier.verify(forged)
    assert raised.value.details == {}  # a forger's word for whom he is goes nowhere


@pytest.mark.parametrize("text", ["rubbish", "a.b.c", "令牌", "..", "a" * (MAX_TOKEN_LENGTH + 1)])
def test_what_is_no_token_is_refused(verifier: TokenVerifier, text: str) -> None:
    assert code_of(verifier, text) == "token-invalid"


def test_a_token_beyond_the_size_is_refused_unread(clock: FixedClock, token_key: Ed25519PrivateKey) -> None:
    class Never:
        def find(self, key_id: str) -> Ed25519PublicKey | None:
            raise AssertionError("was read")

    huge = Caller("person", "p-1", tuple(Grant("r", READ, institution=f"{n:018}") for n in range(100)))
    made = sign_token(huge, "toy", key_id="k", private_key=token_key, at=clock.now())
    assert len(made) > MAX_TOKEN_LENGTH
    assert code_of(TokenVerifier("toy", Never(), clock), made) == "token-invalid"


def test_without_a_token_there_is_no_caller(verifier: TokenVerifier) -> None:
    assert code_of(verifier, "") == "token-missing"


def test_what_is_remembered_is_bounded(clock: FixedClock, token_key: Ed25519PrivateKey) -> None:
    verified = []

    class Counting:
        def find(self, key_id: str) -> Ed25519PublicKey | None:
            verified.append(key_id)
            return token_key.public_key()

    looking = TokenVerifier("toy", Counting(), clock, remembered=2)
    callers = [Caller("person", f"p-{n}") for n in range(5)]
    made = [sign_token(who, "toy", key_id="k", private_key=token_key, at=clock.now()) for who in callers]
    assert [looking.verify(each) for each in made * 2] == callers * 2
    assert len(looking._tokens) == 2
