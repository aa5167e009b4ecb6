"""Contracts that contradict themselves keep a server from starting, and each fault is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.descriptor_pool import DescriptorPool

from jiangheng.api.feed.v1 import feed_pb2
from jiangheng.api.policy.v1 import policy_pb2
from jiangheng.api.policy.v1.policy_pb2 import (
    PRINCIPALS_ANYONE,
    PRINCIPALS_PERSON,
    PRINCIPALS_SERVICE,
    MethodPolicy,
)
from jiangheng.chassis.policy import PolicyError, check, current, methods_of

Field = descriptor_pb2.FieldDescriptorProto
ASK = MethodPolicy(principals=PRINCIPALS_PERSON, scopes=["toy.use"])


def policy(**changed: object) -> MethodPolicy:
    """A sound policy with some of its fields changed."""
    made = MethodPolicy()
    made.CopyFrom(ASK)
    for name, value in changed.items():
        made.ClearField(name)
        made.MergeFrom(MethodPolicy(**{name: value}))
    return made


def contract(methods: dict[str, MethodPolicy | None], *, streaming: bool = False) -> ServiceDescriptor:
    """A service of a contract that exists in this test only."""
    file = descriptor_pb2.FileDescriptorProto(name="toy.proto", package="toy", syntax="proto3")
    file.dependency.append(policy_pb2.DESCRIPTOR.name)
    request = file.message_type.add(name="Ask")
    request.field.add(name="id", number=1, type=Field.TYPE_STRING, label=Field.LABEL_OPTIONAL)
    request.field.add(name="count", number=2, type=Field.TYPE_UINT32, label=Field.LABEL_OPTIONAL)
    request.field.add(name="ids", number=3, type=Field.TYPE_STRING, label=Field.LABEL_REPEATED)
    signed = file.message_type.add(name="Sign")
    signature = ".jiangheng.api.policy.v1.ActSignature"
    signed.field.add(
        name="signature", number=1, type=Field.TYPE_MESSAGE, type_name=signature, label=Field.LABEL_OPTIONAL
    )
    signed.field.add(
        name="part", number=2, type=Field.TYPE_MESSAGE, type_name=".toy.Part", label=Field.LABEL_OPTIONAL
    )
    part = file.message_type.add(name="Part")
    part.field.add(
        name="part", number=1, type=Field.TYPE_MESSAGE, type_name=".toy.Part", label=Field.LABEL_OPTIONAL
    )
    if "Fraction" in methods:
        part.field.add(name="mark", number=2, type=Field.TYPE_DOUBLE, label=Field.LABEL_OPTIONAL)
    service = file.service.add(name="Toy")
    for name, declared in methods.items():
        takes = ".toy.Sign" if name in ("Sign", "Fraction") else ".toy.Ask"
        method = service.method.add(name=name, input_type=takes, output_type=".toy.Ask")
        method.server_streaming = streaming
        if declared is not None:
            method.options.Extensions[policy_pb2.method_policy].CopyFrom(declared)
    pool = DescriptorPool()
    for known in (descriptor_pb2.DESCRIPTOR, policy_pb2.DESCRIPTOR):
        pool.AddSerializedFile(known.serialized_pb)
    pool.Add(file)
    return pool.FindServiceByName("toy.Toy")


def faults(methods: dict[str, MethodPolicy | None], owners: tuple[str, ...] = ("thing",)) -> str:
    with pytest.raises(PolicyError) as raised:
        check(methods_of([contract(methods)]), owners)
    return str(raised.value)


def test_a_sound_policy_passes() -> None:
    sound = {
        "Use": policy(),
        "Own": policy(owner="thing", owner_field="id"),
        "Sign": policy(signed=True, distinct_approvers=2),
        "Look": MethodPolicy(principals=PRINCIPALS_ANYONE, clause="IAM-001"),
    }
    check(methods_of([contract(sound)]), ("thing",))


def test_a_method_without_a_policy_is_refused() -> None:
    assert "/toy.Toy/Use: no method_policy" in faults({"Use": None})


@pytest.mark.parametrize(
    ("declared", "fault"),
    [
        (MethodPolicy(scopes=["toy.use"]), "principals not specified"),
        (policy(principals=9), "principals not specified"),
        (policy(scopes=[]), "no scopes"),
        (policy(principals=PRINCIPALS_ANYONE), "open to anyone, yet declares scopes"),
        (
            MethodPolicy(principals=PRINCIPALS_ANYONE, owner="thing", owner_field="id"),
            "open to anyone, yet declares owner",
        ),
        (MethodPolicy(principals=PRINCIPALS_ANYONE, signed=True), "open to anyone, yet declares signed"),
        (policy(owner="thing"), "owner and owner_field belong together"),
        (policy(owner_field="id"), "owner and owner_field belong together"),
        (policy(owner="other", owner_field="id"), "no loader for owner other"),
        (policy(owner="thing", owner_field="name"), "owner_field name is no text field of toy.Ask"),
        (policy(owner="thing", owner_field="count"), "owner_field count is no text field of toy.Ask"),
        (policy(owner="thing", owner_field="ids"), "owner_field ids is no text field of toy.Ask"),
        (policy(signed=True), "signed, but toy.Ask has no ActSignature signature"),
        (policy(distinct_approvers=2, principals=PRINCIPALS_SERVICE), "only persons approve"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(declared: MethodPolicy, fault: str) -> None:
    assert f"/toy.Toy/Use: {fault}" in faults({"Use": declared})


def test_a_service_cannot_be_asked_to_sign() -> None:
    assert "only persons sign" in faults({"Sign": policy(signed=True, principals=PRINCIPALS_SERVICE)})


def test_what_has_no_canonical_form_cannot_be_signed() -> None:
    assert "floating point" in faults({"Fraction": policy(signed=True)})


def test_streaming_is_refused() -> None:
    with pytest.raises(PolicyError, match="streaming methods are not guarded"):
        check(methods_of([contract({"Use": policy()}, streaming=True)]), ())


def test_every_fault_is_named_at_once() -> None:
    found = faults(
        {"First": None, "Second": policy(scopes=[], owner="other", owner_field="id"), "Third": policy()}
    )
    assert [line.partition(":")[0] for line in found.splitlines()[1:]] == [
        "/toy.Toy/First",
        "/toy.Toy/Second",
        "/toy.Toy/Second",
    ]


def test_the_contracts_of_the_suite_are_sound(contracts: Callable[[], list[ServiceDescriptor]]) -> None:
    check(methods_of(contracts()), ("institution", "batch", "application", "site"))


def test_what_may_be_repeated_is_read_from_the_contract() -> None:
    (listing,) = methods_of([feed_pb2.DESCRIPTOR.services_by_name["FeedService"]]).values()
    assert listing.repeatable
    (use,) = methods_of([contract({"Use": policy()})]).values()
    assert not use.repeatable


def test_outside_of_a_call_nobody_calls() -> None:
    with pytest.raises(LookupError):
        current()
