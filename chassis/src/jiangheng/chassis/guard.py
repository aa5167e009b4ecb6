"""The wall in front of every method: token, kind of caller, scope, owner, signature.

Default deny: a method that is not declared does not exist. Every refusal of a
known caller is put on record in a transaction of its own (IAM-002).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import Message

from jiangheng.api.event.v1.refusal_pb2 import RefusalRecorded
from jiangheng.api.policy.v1.policy_pb2 import (
    PRINCIPALS_ANYONE,
    PRINCIPALS_PERSON,
    PRINCIPALS_PERSON_OR_SERVICE,
    PRINCIPALS_SERVICE,
    ActSignature,
    MethodPolicy,
)
from jiangheng.chassis.acts import SIGNATURE_FIELD, verify_act
from jiangheng.chassis.auth import ANYONE, Caller, Owner, TokenVerifier
from jiangheng.chassis.errors import Kind, Problem, forbidden, invalid, not_found, unauthenticated
from jiangheng.chassis.health import CHECK
from jiangheng.chassis.incidents import describe
from jiangheng.chassis.policy import CALL, Call, Method, check
from jiangheng.chassis.telemetry import counter, get_logger

OwnerLoader = Callable[[str], Owner | None]
Refusals = Callable[[RefusalRecorded, str], None]
Metadata = Iterable[tuple[str, str | bytes]]
Behaviour = Callable[[Any, grpc.ServicerContext], Any]
# Generic for mypy only.
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"

# Methods without a policy of ours, and why they need none. Nothing else is exempt.
EXEMPT = {
    # A probe has no token; the answer is one word.
    "health": (CHECK,),
    # Mounted only when configured, which production refuses; shows the contracts, which are public.
    "reflection": ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",),
}

_KINDS = {
    PRINCIPALS_PERSON: frozenset({"person"}),
    PRINCIPALS_SERVICE: frozenset({"service"}),
    PRINCIPALS_PERSON_OR_SERVICE: frozenset({"person", "service"}),
}
# What a stranger wrote into a request goes on record only if it looks like a name of an object.
_OBJECT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_NO_REGION = "00"

_log = get_logger(__name__)
_refused = counter("refusals", "Calls refused to known callers.", ("method", "rule"))
_unrecorded = counter("refusals_unrecorded", "Refusals that could not be put on record.")


@dataclass
class _Attempt:
    """One call on its way through the wall: what a refusal would put on record."""

    method: Method
    request: Message
    caller: str = ""
    owner: Owner | None = None

    @property
    def policy(self) -> MethodPolicy:
        return self.method.policy

    @property
    def object_id(self) -> str:
        return str(getattr(self.request, self.policy.owner_field)) if self.policy.owner_field else ""


def wrapped(handler: Handler | None, wrap: Callable[[Behaviour], Behaviour]) -> Handler | None:
    """A handler of a unary method with its behaviour wrapped; None stays None."""
    if handler is None or handler.unary_unary is None:
        return None
    return grpc.unary_unary_rpc_method_handler(
        wrap(handler.unary_unary), handler.request_deserializer, handler.response_serializer
    )


class Guard(grpc.ServerInterceptor):
    """Lets a call through to its operation, or raises the Problem that says why not.

    `owners` finds the owner of a stored object by kind and id; `refusals` puts
    a refusal on record (message, region). Raises PolicyError when a method's
    policy is missing or contradicts itself.
    """

    def __init__(
        self,
        methods: Mapping[str, Method],
        verifier: TokenVerifier,
        owners: Mapping[str, OwnerLoader],
        refusals: Refusals,
        *,
        exempt: Collection[str] = EXEMPT["health"],
    ) -> None:
        check(methods, owners)
        self.methods = dict(methods)
        self.exempt = frozenset(exempt)
        self._verifier = verifier
        self._owners = dict(owners)
        self._refusals = refusals
        self._guarded: dict[str, Handler | None] = {}

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Handler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        # Runs on the server's one serving thread: only looks up; the work is done in a worker.
        name = handler_call_details.method
        if name in self.exempt:
            return continuation(handler_call_details)
        if name in self.methods and name not in self._guarded:
            method = self.methods[name]
            self._guarded[name] = wrapped(continuation(handler_call_details), partial(self._wrap, method))
        return self._guarded.get(name)

    def _wrap(self, method: Method, behaviour: Behaviour) -> Behaviour:
        def guarded(request: Message, context: grpc.ServicerContext) -> Any:
            attempt = _Attempt(method, request)
            try:
                call = self._admit(attempt, context.invocation_metadata() or ())
            except Problem as problem:
                if problem.kind in (Kind.FORBIDDEN, Kind.UNAUTHENTICATED):
                    self._record(attempt, problem)
                raise
            return self._perform(call, attempt, behaviour, context)

        return guarded

    def _perform(
        self, call: Call, attempt: _Attempt, behaviour: Behaviour, context: grpc.ServicerContext
    ) -> Any:
        token = CALL.set(call)
        try:
            return behaviour(attempt.request, context)
        except Problem as problem:
            if problem.kind is Kind.FORBIDDEN:
                self._record(attempt, problem)
            raise
        finally:
            CALL.reset(token)

    def _admit(self, attempt: _Attempt, metadata: Metadata) -> Call:
        policy, name = attempt.policy, attempt.method.full_name
        if policy.principals == PRINCIPALS_ANYONE:
            return Call(ANYONE, name, policy)
        caller = self._identify(attempt, metadata)
        _check_kind(caller, policy)
        _check_scope(caller, policy)
        if policy.owner:
            attempt.owner = self._owners[policy.owner](_named_object(attempt))
            _check_owner(caller, attempt)
        if policy.signed:
            _check_signature(caller, name, attempt.request, policy)
        return Call(caller, name, policy, attempt.owner)

    def _identify(self, attempt: _Attempt, metadata: Metadata) -> Caller:
        try:
            caller = self._verifier.verify(_bearer(metadata))
        except Problem as problem:
            attempt.caller = problem.details.get("subject", "")
            raise
        attempt.caller = caller.actor
        return caller

    def _record(self, attempt: _Attempt, problem: Problem) -> None:
        if not attempt.caller:
            return
        rule = problem.rule or problem.code
        _refused.labels(attempt.method.full_name, rule).inc()
        refusal = RefusalRecorded(
            refusal_id=str(uuid.uuid4()),
            method=attempt.method.full_name,
            caller=attempt.caller,
            rule=rule,
            clause=problem.clause or attempt.policy.clause,
            object_kind=attempt.policy.owner,
            object_id=attempt.object_id if _OBJECT_ID.fullmatch(attempt.object_id) else "",
        )
        try:
            self._refusals(refusal, attempt.owner.region if attempt.owner else _NO_REGION)
        except Exception as error:  # refused is refused, recorded or not
            _unrecorded.inc()
            _log.error(
                "refusal not recorded",
                refusal_id=refusal.refusal_id,
                method=refusal.method,
                **describe(error),
            )


def _bearer(metadata: Metadata) -> str:
    found = [value for key, value in metadata if key == "authorization"]
    if not found:
        return ""
    scheme, _, token = str(found[0]).partition(" ")
    if len(found) > 1 or scheme.lower() != "bearer":
        raise unauthenticated(
            "token-invalid", "访问令牌无效。", "The access token is not valid.", rule="IAM-001"
        )
    return token


def _check_kind(caller: Caller, policy: MethodPolicy) -> None:
    if caller.kind in _KINDS[policy.principals]:
        return
    if caller.kind == "service":
        raise forbidden(
            "IAM-001", "该操作只能由本人进行。", "Only a person may do this.", code="persons-only"
        )
    raise forbidden("IAM-001", "该操作只供服务调用。", "Only a service may do this.", code="services-only")


def _check_scope(caller: Caller, policy: MethodPolicy) -> None:
    if not caller.holds(policy.scopes):
        raise forbidden(
            "IAM-002",
            "您没有此项操作的权限。",
            "None of your roles allows this.",
            code="scope-missing",
            clause=policy.clause,
            scopes=" ".join(policy.scopes),
        )


def _named_object(attempt: _Attempt) -> str:
    if not attempt.object_id:
        raise invalid(attempt.policy.owner_field, "未指明对象。", "The object is not named.")
    return attempt.object_id


def _check_owner(caller: Caller, attempt: _Attempt) -> None:
    """IAM-011, IAM-012. An object that does not exist yet can only be the caller's own institution."""
    grants = caller.with_scope(*attempt.policy.scopes)
    by_region = any(grant.region and not grant.institution for grant in grants)
    if attempt.owner is not None:
        admitted = any(grant.covers(attempt.owner) for grant in grants)
    else:
        admitted = any(grant.institution and grant.institution == attempt.object_id for grant in grants)
        if not admitted and by_region:
            raise not_found("未找到该对象。", "No such object.", field=attempt.policy.owner_field)
    if not admitted:
        raise _beyond_territory(attempt.policy) if by_region else _other_institution(attempt.policy)


def _beyond_territory(policy: MethodPolicy) -> Problem:
    zh, en = "该对象不在您的管辖区域内。", "The object lies outside your region."
    return forbidden("IAM-011", zh, en, code="not-in-region", clause=policy.clause)


def _other_institution(policy: MethodPolicy) -> Problem:
    zh, en = "该对象属于其他机构。", "The object belongs to another institution."
    return forbidden("IAM-012", zh, en, code="not-owner", clause=policy.clause)


def _check_signature(caller: Caller, method: str, request: Message, policy: MethodPolicy) -> None:
    signature: ActSignature = getattr(request, SIGNATURE_FIELD)
    if not caller.key:
        raise _unsigned("no-signing-key", "您没有有效的签名密钥。", "You have no active signing key.", policy)
    if not signature.signature:
        raise _unsigned("not-signed", "此项操作须由本人签名。", "This act needs your own signature.", policy)
    if signature.key_id != caller.key_id:
        raise _unsigned(
            "other-signing-key",
            "签名所用密钥不是您的有效密钥。",
            "Signed with a key other than your active one.",
            policy,
        )
    if not verify_act(caller.key, method, request):
        raise _unsigned(
            "wrong-signature",
            "签名与所批准的内容不符。",
            "The signature is not over exactly this act.",
            policy,
        )


def _unsigned(code: str, zh: str, en: str, policy: MethodPolicy) -> Problem:
    return forbidden("act-signature", zh, en, code=code, clause=policy.clause, field=SIGNATURE_FIELD)
