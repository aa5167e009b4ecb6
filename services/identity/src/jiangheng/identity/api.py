"""gRPC of identity: decode, call the operation, encode. Who may call is checked before, by contract."""

from __future__ import annotations

from google.protobuf.descriptor import ServiceDescriptor
from grpc import ServicerContext

from jiangheng.api.identity.v1 import identity_pb2 as pb
from jiangheng.api.identity.v1 import identity_pb2_grpc as rpc
from jiangheng.chassis.auth import Caller
from jiangheng.chassis.policy import current
from jiangheng.chassis.server import Mounted
from jiangheng.identity.encoding import (
    document_type,
    grant_message,
    key_message,
    optional_moment,
    person_message,
)
from jiangheng.identity.moments import timestamp
from jiangheng.identity.operations import bootstrap, people, read_keys, read_persons, register_service
from jiangheng.identity.operations.activate_credential import activate_credential
from jiangheng.identity.operations.approve_key import approve_key
from jiangheng.identity.operations.change_password import change_password
from jiangheng.identity.operations.end_grant import end_grant
from jiangheng.identity.operations.grant_role import Wanted, grant_role
from jiangheng.identity.operations.issue_service_token import issue_service_token
from jiangheng.identity.operations.log_in import log_in
from jiangheng.identity.operations.log_out import log_out
from jiangheng.identity.operations.propose_key import propose_key
from jiangheng.identity.operations.refresh_token import refresh_token
from jiangheng.identity.operations.register_person import register_person
from jiangheng.identity.operations.reset_credential import reset_credential
from jiangheng.identity.operations.revoke_key import revoke_key
from jiangheng.identity.runtime import Identity


def mounted(identity: Identity) -> tuple[Mounted, ...]:
    """The three gRPC services of identity."""
    services: dict[str, ServiceDescriptor] = dict(pb.DESCRIPTOR.services_by_name)
    return (
        Mounted(services["TokenService"], rpc.add_TokenServiceServicer_to_server, Tokens(identity)),
        Mounted(services["AccountService"], rpc.add_AccountServiceServicer_to_server, Account(identity)),
        Mounted(
            services["AdministrationService"],
            rpc.add_AdministrationServiceServicer_to_server,
            Administration(identity),
        ),
    )


class Tokens(rpc.TokenServiceServicer):
    """TokenService: for everybody who can prove who he is."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def LogIn(self, request: pb.LogInRequest, context: ServicerContext) -> pb.LogInResponse:
        pair = log_in(self._identity, request.login, request.password, request.audience)
        return pb.LogInResponse(
            access_token=pair.access.text,
            refresh_token=pair.refresh_token,
            access_expires=timestamp(pair.access.expires),
            refresh_expires=timestamp(pair.refresh_expires),
        )

    def RefreshToken(
        self, request: pb.RefreshTokenRequest, context: ServicerContext
    ) -> pb.RefreshTokenResponse:
        pair = refresh_token(self._identity, request.refresh_token, request.audience)
        return pb.RefreshTokenResponse(
            access_token=pair.access.text,
            refresh_token=pair.refresh_token,
            access_expires=timestamp(pair.access.expires),
            refresh_expires=timestamp(pair.refresh_expires),
        )

    def LogOut(self, request: pb.LogOutRequest, context: ServicerContext) -> pb.LogOutResponse:
        log_out(self._identity, request.refresh_token)
        return pb.LogOutResponse()

    def IssueServiceToken(
        self, request: pb.IssueServiceTokenRequest, context: ServicerContext
    ) -> pb.IssueServiceTokenResponse:
        token = issue_service_token(self._identity, request.assertion, request.audience)
        return pb.IssueServiceTokenResponse(access_token=token.text, access_expires=timestamp(token.expires))

    def GetKeySet(self, request: pb.GetKeySetRequest, context: ServicerContext) -> pb.GetKeySetResponse:
        return pb.GetKeySetResponse(jwks=self._identity.keyring.key_set())


class Account(rpc.AccountServiceServicer):
    """AccountService: what a person does with his own account."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def ActivateCredential(
        self, request: pb.ActivateCredentialRequest, context: ServicerContext
    ) -> pb.ActivateCredentialResponse:
        activate_credential(self._identity, request.login, request.code, request.password)
        return pb.ActivateCredentialResponse()

    def ChangePassword(
        self, request: pb.ChangePasswordRequest, context: ServicerContext
    ) -> pb.ChangePasswordResponse:
        change_password(self._identity, _caller(), request.old_password, request.new_password)
        return pb.ChangePasswordResponse()

    def ProposeKey(self, request: pb.ProposeKeyRequest, context: ServicerContext) -> pb.ProposeKeyResponse:
        key = propose_key(self._identity, _caller(), request.public_key, request.proof)
        return pb.ProposeKeyResponse(key=key_message(key))

    def ListOwnKeys(self, request: pb.ListOwnKeysRequest, context: ServicerContext) -> pb.ListOwnKeysResponse:
        found = read_keys.list_own_keys(self._identity, _caller())
        return pb.ListOwnKeysResponse(keys=[key_message(key) for key in found])


class Administration(rpc.AdministrationServiceServicer):
    """AdministrationService: what named administrators and approvers do."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def Bootstrap(self, request: pb.BootstrapRequest, context: ServicerContext) -> pb.BootstrapResponse:
        new = _new_person(self._identity, request)
        person_id = bootstrap.bootstrap(self._identity, request.code, new, request.password)
        return pb.BootstrapResponse(person_id=person_id)

    def RegisterPerson(
        self, request: pb.RegisterPersonRequest, context: ServicerContext
    ) -> pb.RegisterPersonResponse:
        registered = register_person(self._identity, _caller(), _new_person(self._identity, request))
        return pb.RegisterPersonResponse(
            person_id=registered.person_id, activation_code=registered.activation_code
        )

    def GetPerson(self, request: pb.GetPersonRequest, context: ServicerContext) -> pb.GetPersonResponse:
        person = read_persons.get_person(self._identity, _caller(), request.person_id)
        return pb.GetPersonResponse(person=person_message(person))

    def ListPersons(self, request: pb.ListPersonsRequest, context: ServicerContext) -> pb.ListPersonsResponse:
        found, after = read_persons.list_persons(
            self._identity, _caller(), after=request.page_token, size=request.page_size
        )
        return pb.ListPersonsResponse(
            persons=[person_message(person) for person in found], next_page_token=after
        )

    def ResetCredential(
        self, request: pb.ResetCredentialRequest, context: ServicerContext
    ) -> pb.ResetCredentialResponse:
        code = reset_credential(self._identity, _caller(), request.person_id)
        return pb.ResetCredentialResponse(activation_code=code)

    def GrantRole(self, request: pb.GrantRoleRequest, context: ServicerContext) -> pb.GrantRoleResponse:
        wanted = Wanted(
            request.person_id,
            request.role,
            request.institution,
            request.region,
            optional_moment(request, "valid_from"),
            optional_moment(request, "valid_until"),
        )
        return pb.GrantRoleResponse(grant=grant_message(grant_role(self._identity, _caller(), wanted)))

    def EndGrant(self, request: pb.EndGrantRequest, context: ServicerContext) -> pb.EndGrantResponse:
        end_grant(self._identity, _caller(), request.grant_id, request.reason)
        return pb.EndGrantResponse()

    def ApproveKey(self, request: pb.ApproveKeyRequest, context: ServicerContext) -> pb.ApproveKeyResponse:
        key = approve_key(self._identity, _caller(), request.key_id)
        return pb.ApproveKeyResponse(key=key_message(key))

    def RevokeKey(self, request: pb.RevokeKeyRequest, context: ServicerContext) -> pb.RevokeKeyResponse:
        revoke_key(self._identity, _caller(), request.key_id, request.reason)
        return pb.RevokeKeyResponse()

    def ListKeys(self, request: pb.ListKeysRequest, context: ServicerContext) -> pb.ListKeysResponse:
        found = read_keys.list_keys(self._identity, _caller(), request.person_id)
        return pb.ListKeysResponse(keys=[key_message(key) for key in found])

    def RegisterService(
        self, request: pb.RegisterServiceRequest, context: ServicerContext
    ) -> pb.RegisterServiceResponse:
        wanted = register_service.checked(request.name, request.public_key, list(request.scopes))
        register_service.register_service(self._identity, _caller(), wanted)
        return pb.RegisterServiceResponse()


def _caller() -> Caller:
    return current().caller


def _new_person(
    identity: Identity, request: pb.RegisterPersonRequest | pb.BootstrapRequest
) -> people.NewPerson:
    kind = document_type(request.document_type)
    return people.checked(identity, request.login, request.name, kind, request.document_number)
