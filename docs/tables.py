"""Writes the generated tables of ARCHITECTURE.md and docs/duties.md (`make docs`); --check only compares.

Sources: the method policies in the contracts, the roles of the rules wheel, the registry of events; for the
second page the wheel's tables on duties (py).
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from google.protobuf.descriptor import MethodDescriptor

from jiangheng.api import registry
from jiangheng.api.policy.v1 import policy_pb2
from jiangheng.rules import duties
from jiangheng.rules.incompatibility import Incompatibility, incompatibilities
from jiangheng.rules.pack import pack_named, pack_names
from jiangheng.rules.posts import post, posts
from jiangheng.rules.tables import table

ROOT = Path(__file__).resolve().parent.parent
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


def post_rows() -> Iterator[str]:
    """One row for each pair of posts that a pack keeps apart."""
    packs = sorted(pack_names(()))
    rules = {pack: incompatibilities(pack_named(pack, ())) for pack in packs}
    order = {name: place for place, name in enumerate(posts())}
    pairs = {tuple(sorted(each.kinds, key=order.__getitem__)) for pack in packs for each in rules[pack]}
    yield f"| Posts | {' | '.join(packs)} |"
    yield f"|---|{'---|' * len(packs)}"
    for one, other in sorted(pairs, key=lambda pair: [order[name] for name in pair]):
        cells = [cell(each for each in rules[pack] if each.kinds == {one, other}) for pack in packs]
        yield f"| {post(one).zh} × {post(other).zh}: {post(one).en}, {post(other).en} | {' | '.join(cells)} |"


def cell(rules: Iterable[Incompatibility]) -> str:
    return "; ".join(
        dict.fromkeys(f"{'●' if each.refused else '○'} {each.scope} {each.rule}" for each in rules)
    )


def act_rows() -> Iterator[str]:
    """One row for each text on an act."""
    words = table("acts")
    yield "| Act | Who | Never the same person | Binds | Rule | Clause |"
    yield "|---|---|---|---|---|---|"
    for act in words["act"]:
        ways = " or ".join("; ".join(need_text(need) for need in way) for way in act["ways"])
        apart = "; ".join(
            " / ".join(words["tasks"][task]["en"] for task in pair) for pair in act.get("distinct", ())
        )
        binds = ", ".join(act.get("packs", ["every pack"]))
        yield f"| {act['zh']}: {act['en']} | {ways} | {apart} | {binds} | {act['rule']} | {act['clause']} |"


def need_text(need: dict[str, object]) -> str:
    names = need.get("posts")
    who = "/".join(post(name).en for name in names) if isinstance(names, list) else "persons"
    words = table("acts")["tasks"][need["task"]]
    return f"{need['least']} × {who} ({words['en']})"


def role_rows() -> Iterator[str]:
    """One row for each conflict of roles."""
    yield "| Rule | Clause | 中文 | In English |"
    yield "|---|---|---|---|"
    for each in duties.static_conflicts():
        yield f"| {each.rule} | {each.clause} | {each.zh} | {each.en} |"


def rule_rows() -> Iterator[str]:
    """One row for each of X01 to X34."""
    yield "| Rule | Scope | Enforced by |"
    yield "|---|---|---|"
    for row in table("incompatibilities")["rule"]:
        functions = ", ".join(f"`{name.replace(':', '.')}`" for name in row["enforced_by"])
        yield f"| {row['id']} | {row['scope']} | {functions} |"


def pages() -> Iterator[tuple[Path, str]]:
    """Every page with its tables renewed."""
    yield renewed("ARCHITECTURE.md", {"rpc-table": rpc_rows(), "event-table": event_rows()})
    yield renewed(
        "docs/duties.md",
        {
            "post-table": post_rows(),
            "act-table": act_rows(),
            "role-table": role_rows(),
            "rule-table": rule_rows(),
        },
    )


def renewed(name: str, tables: Mapping[str, Iterable[str]]) -> tuple[Path, str]:
    page = ROOT / name
    text = page.read_text(encoding="utf-8")
    for mark, rows in tables.items():
        before, rest = text.split(f"<!-- {mark} -->\n")
        after = rest.split(f"<!-- /{mark} -->")[1]
        text = "\n".join([f"{before}<!-- {mark} -->", *rows, f"<!-- /{mark} -->{after}"])
    return page, text


def main() -> int:
    stale = False
    for page, fresh in pages():
        if "--check" not in sys.argv[1:]:
            page.write_text(fresh, encoding="utf-8")
            continue
        differs = fresh != page.read_text(encoding="utf-8")
        stale |= differs
        verdict = "the tables are stale, run `make docs`" if differs else "the tables are up to date"
        print(f"{page.relative_to(ROOT)}: {verdict}")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
