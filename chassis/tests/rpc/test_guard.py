"""The wall: every method of every contract against every kind of caller, and what goes on record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from jiangheng.api.event.v1.refusal_pb2 import RefusalRecorded
from jiangheng.api.feed.v1 import feed_pb2
from jiangheng.api.identity.v1 import identity_pb2
from jiangheng.api.policy.v1.policy_pb2 import MethodPolicy, Principals, method_policy
from jiangheng.api.registration.v1 import registration_pb2
from jiangheng.chassis import policy
from jiangheng.chassis.acts import sign_act
from jiangheng.chassis.auth import ANYONE, Caller, Grant, Owner, TokenVerifier
from jiangheng.chassis.client import invoke
from jiangheng.chassis.clocks import FixedClock
from jiangheng.chassis.errors import Kind, Problem, conflict, forbidden, not_found, unauthenticated
from jiangheng.chassis.guard import Guard
from jiangheng.chassis.server import Mounted, Server

FEED = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]
INSTITUTIONS = registration_pb2.DESCRIPTOR.services_by_name["InstitutionService"]
TOKENS = identity_pb2.DESCRIPTOR.services_by_name["TokenService"]
OURS, THEIRS, UNKNOWN = "91220000MA0000OURS", "91220000MA00THEIRS", "91220000MA000UNKNOWN"
STORED = {OURS: Owner(OURS, "220102"), THEIRS: Owner(THEIRS, "370100")}
OWNERS = {"institution": STORED.get}
MINE, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()

Refused = list[tuple[RefusalRecorded, str]]
Token = Callable[..., str]


def person(*scopes: str, institution: str = "", region: str = "00") -> Caller:
    """A person with one grant and an active signing key."""
    grant = Grant("role", frozenset(scopes), institution, "" if institution else region)
    return Caller("person", "p-1", (grant,), "key-1", MINE.public_key().public_bytes_raw())


def service(*scopes: str) -> Caller:
    return Caller("service", "supervision", (Grant("service", frozenset(scopes), region="00"),))


@dataclass(frozen=True)
class Case:
    """One try: who calls how, and the Problem code he must get ("" for none)."""

    name: str
    token: str
    code: str
    object_id: str = OURS
    signs: Callable[[str, Any], Message] | None = None

    def request(self, method: MethodDescriptor, declared: MethodPolicy) -> Any:
        made: Any = GetMessageClass(method.input_type)()
        if declared.owner_field:
            setattr(made, declared.owner_field, self.object_id)
        if declared.signed:
            made.signature.CopyFrom((self.signs or _signed)(_name(method), made))
        return made


def _signed(name: str, request: Any) -> Message:
    return sign_act(MINE, "key-1", name, request)


def _name(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


def cases(declared: MethodPolicy, token: Token, clock: FixedClock) -> Iterable[Case]:
    """Every kind of caller of a method, and what must become of him."""
    kind = Principals.Name(declared.principals).removeprefix("PRINCIPALS_")
    right = person(*declared.scopes), service(*declared.scopes)
    old = clock.now() - timedelta(seconds=600)
    if kind == "ANYONE":
        yield Case("nobody", "", "")
        yield Case("somebody with an old token", token(right[0], at=old), "")
        return
    yield Case("nobody", "", "token-missing")
    yield Case("forger", token(right[0])[:-8] + "AAAAAAAA", "token-invalid")
    for caller in right:
        wanted = caller.kind.upper() in kind.split("_OR_")
        yield Case(f"{caller.kind}, expired", token(caller, at=old), "token-expired")
        yield Case(f"{caller.kind}, elsewhere", token(caller, "elsewhere"), "wrong-audience")
        if not wanted:
            yield Case(f"{caller.kind}, not meant", token(caller), f"{kind.lower()}s-only")
            continue
        yield Case(f"{caller.kind}, right", token(caller), "")
        poor = replace(caller, grants=(Grant("role", frozenset({"something.else"}), region="00"),))
        yield Case(f"{caller.kind}, other scope", token(poor), "scope-missing")
        yield Case(f"{caller.kind}, no grant", token(replace(caller, grants=())), "scope-missing")
    if declared.owner:
        yield from owner_cases(declared, token)
    if declared.signed:
        yield from signature_cases(declared, token)


def owner_cases(declared: MethodPolicy, token: Token) -> Iterable[Case]:
    own, region = person(*declared.scopes, institution=OURS), person(*declared.scopes, region="22")
    yield Case("own institution", token(own), "")
    yield Case("own region", token(region), "")
    yield Case("other institution", token(own), "not-owner", THEIRS)
    yield Case("other region", token(region), "not-in-region", THEIRS)
    yield Case("institution asks for what is not", token(own), "not-owner", UNKNOWN)
    yield Case("region asks for what is not", token(region), "not-found", UNKNOWN)
    yield Case("institution's first", token(person(*declared.scopes, institution=UNKNOWN)), "", UNKNOWN)
    both = (*person(*declared.scopes, institution=UNKNOWN).grants, *region.grants)
    yield Case("institution's first, officer too", token(replace(own, grants=both)), "", UNKNOWN)
    yield Case("nothing named", token(own), "invalid", "")
    nowhere = Caller("person", "p-1", (Grant("role", frozenset(declared.scopes)),), "key-1", own.key)
    yield Case("grant for nowhere", token(nowhere), "not-owner")
    # The scope and the territory must stand in one grant: two halves do not make a right.
    split = (Grant("a", frozenset(declared.scopes), THEIRS), Grant("b", frozenset({"other"}), OURS))
    yield Case("scope there, territory here", token(replace(own, grants=split)), "not-owner")


def signature_cases(declared: MethodPolicy, token: Token) -> Iterable[Case]:
    right = person(*declared.scopes)
    keyless = Caller("person", "p-1", right.grants)
    yield Case("no key", token(keyless), "no-signing-key")
    yield Case(
        "other key id", token(right), "other-signing-key", signs=lambda n, r: sign_act(MINE, "key-2", n, r)
    )
    yield Case(
        "other key", token(right), "wrong-signature", signs=lambda n, r: sign_act(OTHER, "key-1", n, r)
    )
    yield Case(
        "other act", token(right), "wrong-signature", signs=lambda n, r: sign_act(MINE, "key-1", n + "x", r)
    )
    yield Case("other request", token(right), "wrong-signature", signs=lambda n, r: _signed(n, type(r)()))
    yield Case("unsigned", token(right), "not-signed", signs=lambda n, r: r.signature)


def outcome(method: Any, request: Any, token: str) -> str:
    try:
        invoke(method, request, token=token)
    except Problem as problem:
        return problem.code
    return ""


@pytest.mark.requirement("IAM-001")
@pytest.mark.requirement("IAM-002")
@pytest.mark.requirement("IAM-011")
@pytest.mark.requirement("IAM-012")
def test_every_method_of_every_contract_against_every_kind_of_caller(
    contracts: Callable[[], list[ServiceDescriptor]],
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
    call: Callable[..., Any],
    token: Token,
    clock: FixedClock,
    refused: Refused,
) -> None:
    services = contracts()
    reached: list[str] = []
    declared_owners = {
        each.GetOptions().Extensions[method_policy].owner for one in services for each in one.methods
    }
    owners = dict.fromkeys(declared_owners - {""}, STORED.get)
    server = start(*(mounted(each, lambda name, _: reached.append(name)) for each in services), owners=owners)
    to = connect(server)
    wrong, tried = [], 0
    for method in (method for each in services for method in each.methods):
        declared = method.GetOptions().Extensions[method_policy]
        for case in cases(declared, token, clock):
            reached.clear()
            refused.clear()
            code = outcome(call(to, method), case.request(method, declared), case.token)
            # Refused: nothing ran, and it is on record if it is known who asked.
            known = case.token and case.code not in ("", "token-invalid", "not-found", "invalid")
            if (code, bool(reached), len(refused)) != (case.code, not case.code, 1 if known else 0):
                wrong.append(
                    f"{method.full_name} {case.name}: {code or 'admitted'}, {len(refused)} on record"
                )
            tried += 1
    assert wrong == []
    assert tried > 150


@pytest.fixture
def institutions(
    mounted: Callable[..., Mounted], start: Callable[..., Server], connect: Callable[..., grpc.Channel]
) -> Callable[..., Any]:
    """Starts the institutions' service with a behaviour; gives (method name, request, token) → answer."""

    def run(
        behave: Callable[[str, Any], Any] | None = None, **options: Any
    ) -> Callable[[str, Any, str], Any]:
        to = connect(start(mounted(INSTITUTIONS, behave), **{"owners": OWNERS, **options}))
        stub = registration_pb2_grpc_stub(to)
        return lambda name, request, token: invoke(getattr(stub, name), request, token=token)

    return run


def registration_pb2_grpc_stub(to: grpc.Channel) -> Any:
    from jiangheng.api.registration.v1.registration_pb2_grpc import InstitutionServiceStub

    return InstitutionServiceStub(to)


def get(credit_code: str = OURS) -> registration_pb2.GetInstitutionRequest:
    return registration_pb2.GetInstitutionRequest(credit_code=credit_code)


@pytest.mark.requirement("IAM-002")
def test_a_refusal_says_who_tried_what_and_which_rule_refused(
    institutions: Callable[..., Any], token: Token, refused: Refused
) -> None:
    ask = institutions()
    with pytest.raises(Problem) as raised:
        ask("GetInstitution", get(THEIRS), token(person("registration.institution.read", institution=OURS)))
    assert (raised.value.kind, raised.value.rule) == (Kind.FORBIDDEN, "IAM-012")
    ((refusal, region),) = refused
    assert refusal.refusal_id
    assert refusal.method == "/jiangheng.api.registration.v1.InstitutionService/GetInstitution"
    assert (refusal.caller, refusal.rule, refusal.clause) == ("person:p-1", "IAM-012", "IAM-011, IAM-012")
    assert (refusal.object_kind, refusal.object_id, region) == ("institution", THEIRS, "370100")


def test_what_is_no_name_of_an_object_does_not_go_on_record(
    institutions: Callable[..., Any], token: Token, refused: Refused
) -> None:
    with pytest.raises(Problem):
        institutions()("GetInstitution", get("张三 22010219900101123X"), token(person("other")))
    assert [(refusal.object_id, refusal.rule) for refusal, _ in refused] == [("", "IAM-002")]


@pytest.mark.requirement("IAM-002")
def test_what_an_operation_forbids_goes_on_record_too(
    institutions: Callable[..., Any], token: Token, refused: Refused
) -> None:
    def behave(_name: str, _request: Any) -> None:
        raise forbidden("X09", "回避。", "Conflict of duties.", clause="000 A7 6")

    with pytest.raises(Problem, match="X09"):
        institutions(behave)("GetInstitution", get(), token(person("registration.institution.read")))
    assert [(refusal.rule, refusal.clause, region) for refusal, region in refused] == [
        ("X09", "000 A7 6", "220102")
    ]


@pytest.mark.parametrize(
    "problem",
    [conflict("变了", "changed"), not_found("无", "none"), unauthenticated("x", "否", "no", subject="a")],
)
def test_other_noes_of_an_operation_are_no_refusals(
    institutions: Callable[..., Any], token: Token, refused: Refused, problem: Problem
) -> None:
    def behave(_name: str, _request: Any) -> None:
        raise problem

    with pytest.raises(Problem) as raised:
        institutions(behave)("GetInstitution", get(), token(person("registration.institution.read")))
    assert raised.value.code == problem.code
    assert refused == []


def test_nobody_in_particular_is_not_put_on_record(
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
    call: Callable[..., Any],
    refused: Refused,
) -> None:
    def behave(_name: str, _request: Any) -> None:
        raise forbidden("IAM-001", "否。", "no")

    to = connect(start(mounted(TOKENS, behave)))
    assert outcome(call(to, TOKENS.methods_by_name["LogIn"]), identity_pb2.LogInRequest(), "") == "forbidden"
    assert refused == []


@pytest.mark.requirement("IAM-002")
def test_refused_is_refused_even_if_it_cannot_be_recorded(
    institutions: Callable[..., Any], token: Token, capsys: pytest.CaptureFixture[str]
) -> None:
    from prometheus_client import REGISTRY

    from jiangheng.chassis import telemetry

    def fail(_refusal: RefusalRecorded, _region: str) -> None:
        raise OSError("disk full")

    telemetry.configure("toy")
    before = REGISTRY.get_sample_value("jiangheng_refusals_unrecorded_total") or 0.0
    with pytest.raises(Problem, match="scope-missing"):
        institutions(refusals=fail)("GetInstitution", get(), token(person("other")))
    assert REGISTRY.get_sample_value("jiangheng_refusals_unrecorded_total") == before + 1
    assert "refusal not recorded" in capsys.readouterr().err


def test_the_operation_knows_its_caller(institutions: Callable[..., Any], token: Token) -> None:
    seen: list[policy.Call] = []
    ask = institutions(lambda name, request: seen.append(policy.current()))
    ask("GetInstitution", get(), token(person("registration.institution.read")))
    (call,) = seen
    assert (call.caller.actor, call.owner) == ("person:p-1", STORED[OURS])
    assert call.method.endswith("/GetInstitution")
    assert list(call.policy.scopes) == ["registration.institution.read"]


def test_after_a_call_nobody_calls(verifier: TokenVerifier) -> None:
    """gRPC gives each call a context of its own; should that change, no caller may be left behind."""
    guard = Guard(policy.methods_of([TOKENS]), verifier, {}, lambda refusal, region: None)
    seen: list[policy.Call] = []
    handler = grpc.unary_unary_rpc_method_handler(lambda request, context: seen.append(policy.current()))
    details: Any = SimpleNamespace(method="/jiangheng.api.identity.v1.TokenService/LogOut")
    guarded: Any = guard.intercept_service(lambda _: handler, details)
    guarded.unary_unary(identity_pb2.LogOutRequest(), SimpleNamespace(invocation_metadata=tuple))
    assert [call.caller for call in seen] == [ANYONE]
    with pytest.raises(LookupError):
        policy.current()


def test_contracts_with_faults_keep_the_server_from_starting(
    mounted: Callable[..., Mounted], start: Callable[..., Server], verifier: TokenVerifier
) -> None:
    with pytest.raises(policy.PolicyError) as raised:
        start(mounted(INSTITUTIONS), owners={})
    owned = [method for method in INSTITUTIONS.methods if method.GetOptions().Extensions[method_policy].owner]
    assert str(raised.value).count("no loader for owner institution") == len(owned) > 1
    undeclared = {"/a.B/C": policy.Method("/a.B/C", MethodPolicy(), identity_pb2.LogOutRequest.DESCRIPTOR)}
    with pytest.raises(policy.PolicyError, match=r"/a\.B/C: no method_policy"):
        Guard(undeclared, verifier, {}, lambda refusal, region: None)


def test_an_old_token_does_not_hinder_where_none_is_asked_for(
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
    call: Any,
) -> None:
    seen: list[Caller] = []
    to = connect(start(mounted(TOKENS, lambda name, request: seen.append(policy.current().caller))))
    assert outcome(call(to, TOKENS.methods_by_name["LogOut"]), identity_pb2.LogOutRequest(), "rubbish") == ""
    assert [caller.actor for caller in seen] == ["anyone"]


@pytest.mark.parametrize(
    "headers",
    [
        (("authorization", "Basic cGVyc29u"),),
        (("authorization", "Bearer"),),
        (("authorization", "Bearer {token}"), ("authorization", "Bearer {token}")),
        (("authorization", "{token}"),),
    ],
)
def test_a_token_comes_in_one_way_only(
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
    token: Token,
    headers: tuple[tuple[str, str], ...],
) -> None:
    right = token(service("feed.read"))
    to = connect(start(mounted(FEED)))
    listing = to.unary_unary("/jiangheng.api.feed.v1.FeedService/List")
    metadata = tuple((key, value.format(token=right)) for key, value in headers)
    with pytest.raises(grpc.RpcError) as raised:
        listing(b"", metadata=metadata, timeout=5)
    assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert listing(b"", metadata=(("authorization", f"bearer {right}"),), timeout=5) == b""


def test_what_is_not_declared_does_not_exist(
    mounted: Callable[..., Mounted],
    start: Callable[..., Server],
    connect: Callable[..., grpc.Channel],
    token: Token,
) -> None:
    to = connect(start(mounted(FEED)))
    for name in ("/jiangheng.api.feed.v1.FeedService/Delete", "/grpc.health.v1.Health/Watch"):
        with pytest.raises(grpc.RpcError) as raised:
            to.unary_unary(name)(b"", metadata=(("authorization", f"Bearer {token(service('feed.read'))}"),))
        assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_handler_the_guard_was_not_told_of_is_never_reached(verifier: Any) -> None:
    guard = Guard({}, verifier, {}, lambda refusal, region: None)
    handler = grpc.unary_unary_rpc_method_handler(lambda request, context: b"")
    assert guard.intercept_service(lambda details: handler, SimpleNamespace(method="/a.B/C")) is None
