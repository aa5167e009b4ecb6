"""Who may call a method, read from its contract and checked before a server starts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass

from google.protobuf.descriptor import (
    Descriptor,
    FieldDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)
from google.protobuf.descriptor_pb2 import MethodOptions

from jiangheng.api.policy.v1.policy_pb2 import (
    PRINCIPALS_ANYONE,
    PRINCIPALS_PERSON,
    ActSignature,
    MethodPolicy,
    Principals,
    method_policy,
)
from jiangheng.chassis.acts import SIGNATURE_FIELD
from jiangheng.chassis.auth import Caller, Owner


class PolicyError(Exception):
    """The contracts of a server contradict themselves; the message lists every fault."""


@dataclass(frozen=True)
class Method:
    """One RPC as its contract declares it; `full_name` is "/package.Service/Method".

    `policy` is empty where the contract has none: such a method never starts.
    """

    full_name: str
    policy: MethodPolicy
    request_descriptor: Descriptor
    streaming: bool = False
    repeatable: bool = False


@dataclass(frozen=True)
class Call:
    """What the Guard found out about the call in hand; `owner` as stored, if one is declared."""

    caller: Caller
    method: str
    policy: MethodPolicy
    owner: Owner | None = None


CALL: ContextVar[Call] = ContextVar("jiangheng_call")


def current() -> Call:
    """The admitted call this thread works on; LookupError outside of one."""
    return CALL.get()


def methods_of(services: Iterable[ServiceDescriptor]) -> dict[str, Method]:
    """Every method of the services by its full name."""
    methods = (_method(service, method) for service in services for method in service.methods)
    return {method.full_name: method for method in methods}


def _method(service: ServiceDescriptor, method: MethodDescriptor) -> Method:
    options = method.GetOptions()
    return Method(
        full_name=f"/{service.full_name}/{method.name}",
        policy=options.Extensions[method_policy],
        request_descriptor=method.input_type,
        streaming=method.client_streaming or method.server_streaming,
        repeatable=options.idempotency_level != MethodOptions.IDEMPOTENCY_UNKNOWN,
    )


def check(methods: Mapping[str, Method], owners: Collection[str]) -> None:
    """Raise PolicyError with every fault of every method; `owners` are the kinds with a loader."""
    faults = [
        f"{name}: {fault}" for name, method in sorted(methods.items()) for fault in _faults(method, owners)
    ]
    if faults:
        raise PolicyError("the server cannot start:\n" + "\n".join(faults))


def _faults(method: Method, owners: Collection[str]) -> Iterator[str]:
    if method.streaming:
        yield "streaming methods are not guarded"
    policy = method.policy
    if not policy.ByteSize():
        yield "no method_policy"
        return
    yield from _principals_faults(policy)
    if policy.owner or policy.owner_field:
        yield from _owner_faults(method.request_descriptor, policy, owners)
    if policy.signed:
        yield from _signature_faults(method.request_descriptor, policy)


def _principals_faults(policy: MethodPolicy) -> Iterator[str]:
    if not policy.principals or policy.principals not in Principals.values():
        yield "principals not specified"
    elif policy.principals == PRINCIPALS_ANYONE:
        declared = (field for field in ("scopes", "duty", "owner", "signed") if getattr(policy, field))
        yield from (f"open to anyone, yet declares {field}" for field in declared)
    elif not policy.scopes:
        yield "no scopes"
    if policy.distinct_approvers and policy.principals != PRINCIPALS_PERSON:
        yield "only persons approve: distinct_approvers needs PRINCIPALS_PERSON"


def _owner_faults(request: Descriptor, policy: MethodPolicy, owners: Collection[str]) -> Iterator[str]:
    if not policy.owner or not policy.owner_field:
        yield "owner and owner_field belong together"
        return
    if policy.owner not in owners:
        yield f"no loader for owner {policy.owner}"
    field = request.fields_by_name.get(policy.owner_field)
    if field is None or field.type != FieldDescriptor.TYPE_STRING or field.is_repeated:
        yield f"owner_field {policy.owner_field} is no text field of {request.full_name}"


def _signature_faults(request: Descriptor, policy: MethodPolicy) -> Iterator[str]:
    if policy.principals != PRINCIPALS_PERSON:
        yield "only persons sign: signed needs PRINCIPALS_PERSON"
    field = request.fields_by_name.get(SIGNATURE_FIELD)
    wanted = ActSignature.DESCRIPTOR.full_name
    if field is None or field.message_type is None or field.message_type.full_name != wanted:
        yield f"signed, but {request.full_name} has no ActSignature {SIGNATURE_FIELD}"
    if _holds_fractions(request, set()):
        yield f"signed, but {request.full_name} holds floating point, which has no canonical form"


def _holds_fractions(message: Descriptor, seen: set[str]) -> bool:
    if message.full_name in seen:
        return False
    seen.add(message.full_name)
    return any(
        field.type in (FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_DOUBLE)
        or (field.message_type is not None and _holds_fractions(field.message_type, seen))
        for field in message.fields
    )
