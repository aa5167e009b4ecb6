"""diff: in what two packs differ."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from jiangheng.rules.cli import wording
from jiangheng.rules.cli.layout import print_json, print_rows, print_text
from jiangheng.rules.cli.options import NO, AsJson, Packs, packs, telling_faults
from jiangheng.rules.pack import Pack
from jiangheng.rules.schema import schema
from jiangheng.rules.values import plain

Name = Annotated[str, typer.Argument(help="A pack's id.")]


def add(app: typer.Typer) -> None:
    """The command of this module."""
    app.command(epilog="Example: jiangheng-rules diff jilin shandong-social --in bank.")(diff)


def diff(
    one: Name,
    other: Name,
    within: Annotated[str, typer.Option("--in", help="Only keys that begin so.")] = "",
    own: Packs = None,
    as_json: AsJson = False,
) -> None:
    """Where two packs differ in a value or its limits, and the articles: 差异对照. Exit code 1 if they do."""
    with telling_faults(as_json):
        a, b = packs([one, other], own)
    keys = [key for key in schema().parameters if key.startswith(within) and _value(a, key) != _value(b, key)]
    conditions = a.conditions != b.conditions and not within
    if as_json:
        rows = [{"key": key, one: _json(a, key), other: _json(b, key)} for key in keys]
        print_json({"parameters": rows, "conditions_differ": conditions})
    else:
        print_rows(("参数 parameter", one, other), [_row(a, b, key) for key in keys])
        print_text(f"{len(keys)} 项不同 differ")
        print_text(*(["申报条件不同 the conditions of eligibility differ"] if conditions else []))
    raise typer.Exit(NO if keys or conditions else 0)


def _value(pack: Pack, key: str) -> object:
    answer = pack.answers.get(key)
    return (
        [(each.value, each.only, each.as_a_rule) for each in answer.alternatives if each] if answer else None
    )


def _row(a: Pack, b: Pack, key: str) -> tuple[str, str, str]:
    parameter = schema().parameters[key]
    return f"{key}\n{parameter.zh}\n{parameter.en}", _cell(a, key), _cell(b, key)


def _cell(pack: Pack, key: str) -> str:
    answer = pack.answers.get(key)
    parameter = schema().parameters[key]
    text = wording.answer_text(parameter, answer, schema())
    if answer is None:
        return text
    return "\n".join((text, f"[{'; '.join(answer.cite)}]", *wording.limits(parameter, answer, schema())))


def _json(pack: Pack, key: str) -> dict[str, Any] | None:
    answer = pack.answers.get(key)
    if answer is None:
        return None
    limits = {"only": list(answer.only), "as_a_rule": answer.as_a_rule}
    said = {name: each for name, each in limits.items() if each}
    return {"value": plain(answer.value), "cite": list(answer.cite), **said}
