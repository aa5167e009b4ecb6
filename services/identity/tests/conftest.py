"""Identity on each database, and the shortest ways to people it."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jiangheng.api.identity.v1 import identity_pb2 as pb
from jiangheng.api.identity.v1 import identity_pb2_grpc as rpc
from jiangheng.chassis.auth import Caller, TokenVerifier
from jiangheng.chassis.auth import Grant as Claim
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.db import Database, migrate
from jiangheng.chassis.errors import Problem
from jiangheng.chassis.guard import Guard
from jiangheng.chassis.policy import methods_of
from jiangheng.chassis.privacy import BlindIndex, FieldCipher
from jiangheng.chassis.schema import CHASSIS
from jiangheng.chassis.server import build_server
from jiangheng.chassis.serving import refusals_of
from jiangheng.identity import api, keyring
from jiangheng.identity.config import AUDIENCES
from jiangheng.identity.domain.documents import DocumentType
from jiangheng.identity.domain.grant import Grant
from jiangheng.identity.domain.signing_key import SigningKey, proof_text
from jiangheng.identity.keyring import Keyring
from jiangheng.identity.operations import people
from jiangheng.identity.operations.activate_credential import activate_credential
from jiangheng.identity.operations.grant_role import Wanted, grant_role
from jiangheng.identity.operations.log_in import log_in
from jiangheng.identity.operations.propose_key import propose_key
from jiangheng.identity.operations.register_person import register_person
from jiangheng.identity.passwords import Passwords
from jiangheng.identity.runtime import Identity, Limits
from jiangheng.rules import duties

MIGRATIONS = "jiangheng.identity.migrations"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
METHODS = methods_of(pb.DESCRIPTOR.services_by_name.values())
PASSWORD = "correct horse battery"
INSTITUTION = "52220101MJ12345679"

_serials = itertools.count(1)


def resident_id(serial: int, area: str = "220102", born: str = "19850312") -> str:
    """An identity number that checks out (GB 11643) and belongs to nobody."""
    body = f"{area}{born}{serial % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


@dataclass
class World:
    """Identity under test. `admin` is an administrator's token as it would arrive with a call."""

    identity: Identity
    clock: FixedClock
    url: str
    folder: Path
    keys: dict[str, Ed25519PrivateKey] = field(default_factory=dict)

    @property
    def admin(self) -> Caller:
        return self.caller("admin", ("identity_administrator", "", "00"))

    def caller(self, person_id: str, *roles: tuple[str, str, str]) -> Caller:
        """A person with these (role, institution, region), as his token would say."""
        claims = (Claim(name, duties.scopes_of([name]), place, region) for name, place, region in roles)
        return Caller("person", person_id, tuple(claims))

    def new_person(self, login: str = "", name: str = "测试甲", number: str = "") -> people.NewPerson:
        serial = next(_serials)
        return people.checked(
            self.identity,
            login or f"person.{serial}",
            name,
            DocumentType.RESIDENT_ID,
            number or resident_id(serial),
        )

    def register(self, login: str = "") -> str:
        """A person without a password; his id."""
        return register_person(self.identity, self.admin, self.new_person(login)).person_id

    def activated(self, login: str, *roles: str, region: str = "22", institution: str = INSTITUTION) -> str:
        """A person with PASSWORD and these roles; his id."""
        registered = register_person(self.identity, self.admin, self.new_person(login))
        activate_credential(self.identity, login, registered.activation_code, PASSWORD)
        for role in roles:
            self.grant(registered.person_id, role, region=region, institution=institution)
        return registered.person_id

    def grant(
        self,
        person_id: str,
        role: str,
        *,
        region: str = "22",
        institution: str = INSTITUTION,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Grant:
        """Give the role for the place its kind demands."""
        per = duties.role(role).per
        wanted = Wanted(
            person_id,
            role,
            institution if per == "institution" else "",
            region if per == "region" else "",
            start,
            end,
        )
        return grant_role(self.identity, self.admin, wanted)

    def token(self, login: str, audience: str = "registration") -> Caller:
        """Log in and give the caller that service would see."""
        return self.verified(log_in(self.identity, login, PASSWORD, audience).access.text, audience)

    def verified(self, token: str, audience: str) -> Caller:
        return TokenVerifier(audience, self.identity.keyring, self.clock).verify(token)

    def propose(self, person_id: str) -> SigningKey:
        """A fresh key of the person, proposed."""
        key = self.keys[person_id] = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes_raw()
        proof = key.sign(proof_text(person_id, public))
        return propose_key(self.identity, self.caller(person_id), public, proof)

    def facts(self, kind: str = "") -> list[dict[str, Any]]:
        """What was stated, in order: data, with `type`, `subject` and `actor` of the event."""
        o = CHASSIS.outbox.c
        with self.identity.db.read() as tx:
            rows = tx.execute(sa.select(o.type, o.subject, o.actor, o.data).order_by(o.id)).all()
        return [
            {**json.loads(row.data), "type": row.type, "subject": row.subject, "actor": row.actor}
            for row in rows
            if row.type == kind or not kind
        ]

    def rows(self, table: sa.Table) -> list[Any]:
        with self.identity.db.read() as tx:
            return list(tx.execute(sa.select(table)).all())

    def passes(self, **time: float) -> None:
        self.clock.advance(timedelta(**time))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def world(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[World]:
    """Identity on an empty database, its clock standing at noon of a day in March."""
    migrate(database_url, MIGRATIONS)
    db = Database(database_url, name="identity")
    folder = tmp_path / "token-keys"
    keyring.rotate(folder, clock.now())
    identity = Identity(
        name="identity",
        db=db,
        legal_clock=clock,
        machine_clock=clock,
        limits=Limits(audiences=AUDIENCES),
        cipher=FieldCipher({"1": b"k" * 32}, "1"),
        index=BlindIndex(b"i" * 32),
        passwords=Passwords(time_cost=1, memory_kib=8),
        keyring=Keyring(folder, clock),
    )
    yield World(identity, clock, database_url, tmp_path)
    db.dispose()


@dataclass
class Api:
    """A running server and stubs to it."""

    world: World
    channel: grpc.Channel
    target: str

    def call(self, method: str, request: Any, token: str = "") -> Any:
        """Call "Service/Method" or a full method name."""
        service, name = method.rsplit("/", 1)
        stub = getattr(rpc, f"{service.rsplit('.', 1)[-1].lstrip('/')}Stub")(self.channel)
        return invoke(getattr(stub, name), request, token=token, timeout=20)

    def token(self, login: str, audience: str = "identity") -> str:
        return log_in(self.world.identity, login, PASSWORD, audience).access.text

    def refused(self, method: str, request: Any, token: str = "") -> Problem:
        with pytest.raises(Problem) as problem:
            self.call(method, request, token)
        return problem.value

    def passes_the_wall(self, method: str, token: str) -> bool:
        """False if the Guard refused for want of a scope; an empty request may still fail behind it."""
        try:
            self.call(method, getattr(pb, f"{method.rpartition('/')[2]}Request")(), token)
        except Problem as problem:
            return problem.rule != "IAM-002"
        return True


@pytest.fixture
def served(world: World) -> Iterator[Api]:
    identity = world.identity
    verifier = TokenVerifier("identity", identity.keyring, world.clock)
    server = build_server(
        bind="127.0.0.1:0",
        mounted=api.mounted(identity),
        guard=Guard(METHODS, verifier, {}, refusals_of(identity)),
        ping=identity.db.ping,
    )
    server.start()
    target = f"127.0.0.1:{server.port}"
    with channel(target) as connected:
        yield Api(world, connected, target)
    server.stop(1.0)


Meet = Callable[[Any, str], None]


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch) -> Meet:
    """Arrange that two threads meet after a function, so that a race happens on every run.

    Where a lock keeps the second away, the first goes on alone after a moment.
    """

    def arrange(owner: Any, name: str) -> None:
        original, barrier = getattr(owner, name), threading.Barrier(2)

        def met(*args: Any, **named: Any) -> Any:
            result = original(*args, **named)
            with suppress(threading.BrokenBarrierError):
                barrier.wait(0.7)
            return result

        monkeypatch.setattr(owner, name, met)

    return arrange
