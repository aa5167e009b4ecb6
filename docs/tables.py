"""Writes the generated tables of ARCHITECTURE.md (`make docs`); --check only compares.

Sources: the method policies in the contracts, the roles of the rules wheel, the registry of events.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor import MethodDescriptor

from jiangheng.api import registry
from jiangheng.api.policy.v1 import policy_pb2
from jiangheng.rules import duties

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "ARCHITECTURE.md"
CALLERS = {
    policy_pb2.PRINCIPALS_ANYONE: "anyone",
    policy_pb2.PRINCIPALS_PERSON: "person",
    policy_pb2.PRINCIPALS_SERVICE: "service",
    policy_pb2.PRINCIPALS_PERSON_OR_SERVICE: "person or service",
}


def methods() -> Iterator[MethodDescriptor]:
    """Every RPC of the contracts, by file and order of declaration."""
    source = ROOT / "protos"
    for path in sorted(source.rglob("*.proto")):
        name = path.relative_to(source).with_suffix("").as_posix().replace("/", ".") + "_pb2"
        for service in importlib.import_module(name).DESCRIPTOR.services_by_name.values():
            yield from service.methods


def rpc_rows() -> Iterator[str]:
    yield "| RPC | Caller | Scope | Roles that have it | Besides | Ground |"
    yield "|---|---|---|---|---|---|"
    for method in methods():
        policy = method.GetOptions().Extensions[policy_pb2.method_policy]
        if policy.principals not in CALLERS:
            sys.exit(f"{method.full_name}: has no method_policy that says who may call it")
        scopes = ", ".join(f"`{scope}`" for scope in policy.scopes)
        name = f"{method.containing_service.name}.{method.name}"
        yield (
            f"| {name} | {CALLERS[policy.principals]} | {scopes} | {roles_with(list(policy.scopes))} "
            f"| {besides(policy)} | {policy.clause} |"
        )


def roles_with(scopes: list[str]) -> str:
    wanted = set(scopes)
    return ", ".join(sorted(role for role in duties.roles() if wanted & duties.scopes_of([role])))


def besides(policy: policy_pb2.MethodPolicy) -> str:
    """What is asked for beyond the scope."""
    demands = []
    if policy.owner:
        demands.append(f"owner of the {policy.owner}")
    if policy.signed:
        demands.append("signed by the person")
    if policy.distinct_approvers:
        demands.append(f"{policy.distinct_approvers} distinct approvers")
    return "; ".join(demands)


def event_rows() -> Iterator[str]:
    yield "| Fact | Stated by | Consumed by | Message |"
    yield "|---|---|---|---|"
    for name, event in registry.events().items():
        who = f"{', '.join(event.producers)} | {', '.join(event.consumers)}"
        yield f"| `{name}` | {who} | {event.message} |"


def page() -> str:
    """ARCHITECTURE.md with both tables renewed."""
    text = PAGE.read_text(encoding="utf-8")
    for name, rows in (("rpc-table", rpc_rows()), ("event-table", event_rows())):
        before, rest = text.split(f"<!-- {name} -->\n")
        after = rest.split(f"<!-- /{name} -->")[1]
        text = (
            before + f"<!-- {name} -->\n" + "".join(f"{row}\n" for row in rows) + f"<!-- /{name} -->" + after
        )
    return text


def main() -> int:
    fresh = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(fresh, encoding="utf-8")
        return 0
    stale = fresh != PAGE.read_text(encoding="utf-8")
    verdict = "the tables are stale, run `make docs`" if stale else "the tables are up to date"
    print(f"ARCHITECTURE.md: {verdict}")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
