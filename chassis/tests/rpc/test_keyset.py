"""The key set: its form, and when it is fetched again."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.chassis.keyset import JwksFetcher, JwksFile, jwks, read_jwks

FIRST, SECOND = (Ed25519PrivateKey.generate().public_key() for _ in range(2))


class Source:
    """A key set that can change, be away, and counts who asks."""

    def __init__(self) -> None:
        self.keys = {"first": FIRST}
        self.away = False
        self.asked = 0

    def fetch(self) -> str:
        self.asked += 1
        if self.away:
            raise OSError("away")
        return jwks(self.keys)


@pytest.fixture
def source() -> Source:
    return Source()


def test_what_is_written_is_read() -> None:
    assert read_jwks(jwks({"first": FIRST, "second": SECOND})) == {"first": FIRST, "second": SECOND}


def test_the_form_is_that_of_rfc_8037() -> None:
    """The public key of its appendix A.2."""
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    (key,) = read_jwks('{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"rfc","x":"' + x + '"}]}').values()
    assert key.public_bytes_raw().hex().startswith("d75a980182b10ab7d54bfed3c964073a")


def test_keys_of_other_kinds_are_passed_over() -> None:
    document = json.loads(jwks({"first": FIRST}))
    document["keys"] += [{"kty": "RSA", "kid": "r", "n": "AQ", "e": "AQAB"}, {"kty": "OKP", "crv": "X25519"}]
    assert read_jwks(json.dumps(document)) == {"first": FIRST}


def test_a_known_key_is_not_asked_for_again(source: Source, clock: FixedClock) -> None:
    keys = JwksFetcher(source.fetch, clock)
    assert [keys.find("first") for _ in range(3)] == [FIRST] * 3
    assert source.asked == 1


def test_an_unknown_key_asks_again_but_not_at_every_call(source: Source, clock: FixedClock) -> None:
    keys = JwksFetcher(source.fetch, clock)
    assert keys.find("second") is None
    source.keys["second"] = SECOND
    assert [keys.find("second") for _ in range(5)] == [None] * 5
    assert source.asked == 1
    clock.advance(timedelta(seconds=3))
    assert keys.find("second") == SECOND


def test_a_withdrawn_key_stops_counting_after_a_minute(source: Source, clock: FixedClock) -> None:
    keys = JwksFetcher(source.fetch, clock)
    assert keys.find("first") == FIRST
    source.keys = {"second": SECOND}
    clock.advance(timedelta(seconds=61))
    assert keys.find("first") is None


def test_while_the_source_is_away_the_last_set_stands(source: Source, clock: FixedClock) -> None:
    keys = JwksFetcher(source.fetch, clock)
    keys.find("first")
    source.away = True
    clock.advance(timedelta(hours=1))
    assert keys.find("first") == FIRST
    with pytest.raises(Problem) as raised:
        keys.find("second")
    assert (raised.value.kind, raised.value.code) == (Kind.UNAVAILABLE, "key-set-away")


def test_nobody_is_called_a_forger_because_the_source_is_away(source: Source, clock: FixedClock) -> None:
    source.away = True
    keys = JwksFetcher(source.fetch, clock)
    with pytest.raises(Problem, match="key-set-away"):
        keys.find("first")
    source.away = False
    clock.advance(timedelta(seconds=3))
    assert keys.find("first") == FIRST


def test_a_key_set_can_be_a_file(tmp_path: Path, clock: FixedClock) -> None:
    path = tmp_path / "keys.json"
    path.write_text(jwks({"first": FIRST}), encoding="utf-8")
    assert JwksFile(path, clock).find("first") == FIRST
