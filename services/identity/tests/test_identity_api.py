"""Identity over real gRPC, behind the real Guard: who may do what, and what goes on record."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.timestamp_pb2 import Timestamp

from jiangheng.api.identity.v1 import identity_pb2 as pb
from jiangheng.api.policy.v1.policy_pb2 import PRINCIPALS_ANYONE
from jiangheng.chassis.auth import TokenVerifier
from jiangheng.chassis.errors import Kind
from jiangheng.chassis.identity_client import ServiceTokens, key_set_fetch
from jiangheng.chassis.keyset import JwksFetcher
from jiangheng.chassis.policy import methods_of
from jiangheng.identity.domain.signing_key import proof_text
from jiangheng.identity.operations import bootstrap, register_service

PASSWORD = "correct horse battery"
METHODS = methods_of(pb.DESCRIPTOR.services_by_name.values())
GUARDED = sorted(name for name, method in METHODS.items() if method.policy.principals != PRINCIPALS_ANYONE)
# Who may call what: the scope that each guarded method asks for, by the roles that carry it.
MAY_CALL = {
    "ChangePassword": {"administrator", "approver", "auditor", "officer"},
    "ProposeKey": {"administrator", "approver", "auditor", "officer"},
    "ListOwnKeys": {"administrator", "approver", "auditor", "officer"},
    "RegisterPerson": {"administrator"},
    "GetPerson": {"administrator", "auditor"},
    "ListPersons": {"administrator", "auditor"},
    "ResetCredential": {"administrator"},
    "GrantRole": {"administrator"},
    "EndGrant": {"administrator"},
    "ApproveKey": {"approver"},
    "RevokeKey": {"approver"},
    "ListKeys": {"administrator", "approver", "auditor"},
    "RegisterService": {"administrator"},
}
ROLES = {
    "administrator": "identity_administrator",
    "approver": "key_approver",
    "auditor": "auditor",
    "officer": "institution_officer",
}


def request_of(method: str) -> Any:
    return getattr(pb, f"{method.rpartition('/')[2]}Request")()


@pytest.mark.requirement("IAM-001")
@pytest.mark.requirement("IAM-002")
def test_each_role_reaches_its_methods_and_no_other(served: Any) -> None:
    world = served.world
    ids = {login: world.activated(login, role, region="00") for login, role in ROLES.items()}
    tokens = {login: served.token(login) for login in ROLES}
    assert {name.rpartition("/")[2] for name in GUARDED} == set(MAY_CALL)
    admitted, refusals = set(), []
    for method in GUARDED:
        for login, token in tokens.items():
            if served.passes_the_wall(method, token):
                admitted.add((method.rpartition("/")[2], login))
            else:
                refusals.append((method, f"person:{ids[login]}", "IAM-002"))
    assert admitted == {(method, login) for method, logins in MAY_CALL.items() for login in logins}
    recorded = [(fact["method"], fact["caller"], fact["rule"]) for fact in world.facts("refusal.recorded.v1")]
    assert [entry for entry in recorded if entry[2] == "IAM-002"] == refusals


@pytest.mark.requirement("IAM-001")
def test_without_a_token_for_identity_nothing_is_done(served: Any) -> None:
    served.world.activated("admin.one", "identity_administrator")
    elsewhere = served.token("admin.one", "registration")
    current = served.token("admin.one")
    served.world.passes(seconds=600)
    for method in GUARDED:
        answers = [
            served.refused(method, request_of(method), token).code for token in ("", "ey.ey.ey", current)
        ]
        assert answers == ["token-missing", "token-invalid", "token-expired"], method
        assert served.refused(method, request_of(method), elsewhere).code == "wrong-audience"


@pytest.mark.requirement("IAM-001")
def test_a_service_does_nothing_that_is_a_persons(served: Any) -> None:
    key = Ed25519PrivateKey.generate()
    wanted = register_service.checked("supervision", key.public_key().public_bytes_raw(), ["feed.read"])
    register_service.provision(served.world.identity, wanted)
    tokens = ServiceTokens("supervision", key, served.channel, served.world.clock)
    for method in GUARDED:
        problem = served.refused(method, request_of(method), tokens.token("identity"))
        assert (problem.kind, problem.code) == (Kind.FORBIDDEN, "persons-only"), method


def test_other_services_verify_tokens_with_the_key_set(served: Any) -> None:
    person_id = served.world.activated("qian", "filing_officer")
    keys = JwksFetcher(key_set_fetch(served.channel), served.world.clock)
    caller = TokenVerifier("registration", keys, served.world.clock).verify(
        served.token("qian", "registration")
    )
    assert (caller.id, caller.holds(["registration.filing.decide"])) == (person_id, True)


@pytest.mark.requirement("IAM-001")
def test_the_way_from_the_first_administrator_to_an_active_key(served: Any) -> None:
    world = served.world
    tokens, account, administration = "TokenService/", "AccountService/", "AdministrationService/"
    request = pb.BootstrapRequest(
        code=bootstrap.make_code(world.identity),
        login="zhao.admin",
        password=PASSWORD,
        name="赵明",
        document_type=pb.DOCUMENT_TYPE_RESIDENT_ID,
        document_number="220102198503120019",
    )
    served.call(administration + "Bootstrap", request)
    admin = served.token("zhao.admin")
    ids = {}
    for number, login in enumerate(("qian.officer", "sun.approver", "li.approver")):
        new = pb.RegisterPersonRequest(
            login=login,
            name="某人",
            document_type=pb.DOCUMENT_TYPE_PASSPORT,
            document_number=f"E1234567{number}",
        )
        answer = served.call(administration + "RegisterPerson", new, admin)
        ids[login] = answer.person_id
        activation = pb.ActivateCredentialRequest(login=login, code=answer.activation_code, password=PASSWORD)
        served.call(account + "ActivateCredential", activation)
    until = Timestamp(seconds=int(world.clock.now().timestamp()) + 86400 * 30)
    for login, role, region in (
        ("qian.officer", "filing_officer", "22"),
        ("sun.approver", "key_approver", "00"),
        ("li.approver", "key_approver", ""),
    ):
        grant = pb.GrantRoleRequest(person_id=ids[login], role=role, region=region, valid_until=until)
        given = served.call(administration + "GrantRole", grant, admin).grant
        assert (given.valid_until, given.granted_by) == (until, jwt_subject(admin))
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    proposal = pb.ProposeKeyRequest(
        public_key=public, proof=key.sign(proof_text(ids["qian.officer"], public))
    )
    proposed = served.call(account + "ProposeKey", proposal, served.token("qian.officer")).key
    assert proposed.state == pb.KEY_STATE_PROPOSED
    approval = pb.ApproveKeyRequest(key_id=proposed.key_id)
    served.call(administration + "ApproveKey", approval, served.token("sun.approver"))
    twice = served.refused(administration + "ApproveKey", approval, served.token("sun.approver"))
    assert (twice.kind, twice.rule, twice.code) == (Kind.FORBIDDEN, "IAM-007", "already-approved")
    cooling = served.call(administration + "ApproveKey", approval, served.token("li.approver")).key
    assert cooling.state == pb.KEY_STATE_COOLING
    assert list(cooling.approvers) == [ids["sun.approver"], ids["li.approver"]]
    world.passes(days=1)
    answer = served.call(
        tokens + "LogIn", pb.LogInRequest(login="qian.officer", password=PASSWORD, audience="identity")
    )
    [active] = served.call(account + "ListOwnKeys", pb.ListOwnKeysRequest(), answer.access_token).keys
    assert active.state == pb.KEY_STATE_ACTIVE
    refreshed = served.call(
        tokens + "RefreshToken",
        pb.RefreshTokenRequest(refresh_token=answer.refresh_token, audience="registration"),
    )
    assert world.verified(refreshed.access_token, "registration").key == public
    served.call(tokens + "LogOut", pb.LogOutRequest(refresh_token=refreshed.refresh_token))
    assert [fact["rule"] for fact in world.facts("refusal.recorded.v1")] == ["IAM-007"]


@pytest.mark.requirement("IAM-002")
def test_what_an_operation_refuses_goes_on_record_too(served: Any) -> None:
    world = served.world
    admin_id = world.activated("admin.one", "identity_administrator")
    officer = world.activated("qian", "filing_officer")
    token = served.token("admin.one")
    method = "AdministrationService/GrantRole"
    conflict = served.refused(
        method, pb.GrantRoleRequest(person_id=officer, role="examiner", region="22"), token
    )
    assert (conflict.kind, conflict.rule, conflict.clause) == (Kind.FORBIDDEN, "X09", "000 A7 6")
    served.refused(method, pb.GrantRoleRequest(person_id=admin_id, role="auditor", region="22"), token)
    recorded = [(fact["caller"], fact["rule"]) for fact in world.facts("refusal.recorded.v1")]
    assert recorded == [(f"person:{admin_id}", "X09"), (f"person:{admin_id}", "IAM-001")]
    served.call(method, pb.GrantRoleRequest(person_id=officer, role="quality_supervisor", region="22"), token)


def test_answers_show_no_number(served: Any) -> None:
    served.world.activated("admin.one", "identity_administrator")
    number = "110101199003070070"
    request = pb.RegisterPersonRequest(
        login="wu.xiao", name="吴晓", document_type=pb.DOCUMENT_TYPE_RESIDENT_ID, document_number=number
    )
    token = served.token("admin.one")
    registered = served.call("AdministrationService/RegisterPerson", request, token)
    shown = served.call(
        "AdministrationService/GetPerson", pb.GetPersonRequest(person_id=registered.person_id), token
    )
    assert shown.person.document_number_masked == "11**************70"
    listed = served.call("AdministrationService/ListPersons", pb.ListPersonsRequest(), token)
    again = served.refused("AdministrationService/RegisterPerson", request, token)
    assert again.details["person_id"] == registered.person_id
    assert number not in f"{shown}{listed}{again}{dict(again.details)}"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.RegisterPersonRequest(login="wu.xiao", name="吴晓"), "document_type"),
        (
            pb.GrantRoleRequest(role="examiner", region="22", valid_from=Timestamp(seconds=-(10**12))),
            "valid_from",
        ),
        (
            pb.RegisterServiceRequest(name="subscriber", public_key=b"k" * 31, scopes=["feed.read"]),
            "public_key",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(served: Any, request_: Any, field: str) -> None:
    served.world.activated("admin.one", "identity_administrator")
    method = f"AdministrationService/{type(request_).__name__.removesuffix('Request')}"
    problem = served.refused(method, request_, served.token("admin.one"))
    assert (problem.kind, problem.field) == (Kind.INVALID, field)


def jwt_subject(token: str) -> str:
    return str(jwt.decode(token, options={"verify_signature": False})["sub"])
