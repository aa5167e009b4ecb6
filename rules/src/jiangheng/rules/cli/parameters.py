"""list, show, explain: which packs and parameters there are, and what each pack says."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from jiangheng.rules.cli import wording
from jiangheng.rules.cli.layout import print_json, print_rows, print_text
from jiangheng.rules.cli.options import AsJson, Key, Packs, folders, packs, parameter, telling_faults
from jiangheng.rules.cli.uses import used_by
from jiangheng.rules.layer import Answer
from jiangheng.rules.library import BASE, Library
from jiangheng.rules.pack import Pack, standing_on
from jiangheng.rules.schema import Parameter, schema
from jiangheng.rules.values import plain

SHORT = 12

Chosen = Annotated[
    list[str] | None, typer.Option("--pack", help="Only this pack; may be given several times.")
]


def add(app: typer.Typer) -> None:
    """The commands of this module."""
    app.command("list", epilog="Example: jiangheng-rules list 公示    jiangheng-rules list bank. --json")(
        list_
    )
    app.command(epilog="Example: jiangheng-rules show result.publicity_working_days --pack jilin")(show)
    app.command(epilog="Example: jiangheng-rules explain staff.theory.min_proctors --pack jilin")(explain)


def list_(
    word: Annotated[
        str, typer.Argument(help="Only parameters with this in key, meaning or group; all if left out.")
    ] = "",
    own: Packs = None,
    as_json: AsJson = False,
) -> None:
    """The packs and the parameters: 规则包与参数一览."""
    with telling_faults(as_json):
        every = packs(None, own)
        found = [each for each in schema().parameters.values() if word.lower() in _searched(each)]
    if as_json:
        print_json({"packs": list(map(_pack_json, every)), "parameters": list(map(_parameter_json, found))})
        return
    if not word:
        _print_packs(every)
    for group in schema().groups:
        rows = [(each.key, f"{each.zh}\n{each.en}", _form(each)) for each in found if each.group == group]
        if rows:
            columns = ("参数 parameter", "含义 meaning", "类型 type")
            print_rows(columns, rows, f"{group.order} {group.zh} {group.en} ({len(rows)})")


def show(key: Key, chosen: Chosen = None, own: Packs = None, as_json: AsJson = False) -> None:
    """What every jurisdiction says of one parameter, side by side: 各地规定对照."""
    wanted = parameter(key)
    with telling_faults(as_json):
        every = packs(chosen, own)
    answers = [(pack, pack.answers.get(key)) for pack in every]
    if as_json:
        shown = {pack.id: _answer_json(answer) for pack, answer in answers}
        print_json({**_parameter_json(wanted), "packs": shown})
        return
    print_text(key, *wording.parameter_lines(wanted), "")
    columns = ("规则包 pack", "规定 value", "依据 citation", "说明 remarks")
    print_rows(columns, [_row(wanted, pack, answer) for pack, answer in answers])


def explain(key: Key, chosen: Chosen = None, own: Packs = None, as_json: AsJson = False) -> None:
    """Where a value comes from, layer by layer, what else it could be read as, who uses it: 溯源."""
    wanted = parameter(key)
    with telling_faults(as_json):
        library = Library(folders(own))
        traced = [_trace(library, pack, key) for pack in packs(chosen, own)]
    users = used_by(key)
    if as_json:
        print_json({"key": key, "packs": traced, "used_by": users})
        return
    print_text(key, *wording.parameter_lines(wanted))
    for each in traced:
        print_text("", f"{each['pack']}: {each['outcome']}")
        print_text(*(f"  {step['layer']}: {step['says']}" for step in each["layers"]))
        print_text(*(f"  {line}" for line in each["remarks"]))
    print_text("", f"使用者 used by: {'; '.join(users) or '尚无 nothing in this wheel yet'}")


def _searched(each: Parameter) -> str:
    return " ".join((each.key, each.zh, each.en, each.group.id, each.group.zh, each.group.en)).lower()


def _form(each: Parameter) -> str:
    return wording.shape_text(each.shape)


def _print_packs(every: list[Pack]) -> None:
    rows = [
        (
            pack.id,
            f"{pack.head.zh}\n{pack.head.en}",
            wording.status_text(pack.head),
            f"{pack.version}\n{pack.digest[:SHORT]}",
            f"{len(pack.answers)}\n{len(pack.silent)}",
        )
        for pack in every
    ]
    columns = (
        "规则包 pack",
        "名称 name",
        "状态、施行 status, since",
        "版本、摘要 version, digest",
        "规定、不作规定 values, silent",
    )
    print_rows(columns, rows)


def _row(wanted: Parameter, pack: Pack, answer: Answer | None) -> tuple[str, str, str, str]:
    text = wording.answer_text(wanted, answer, schema())
    if answer is None:
        return pack.id, text, "", ""
    origin = (
        "" if answer.origin == pack.id else f"本包未作规定，出自 silent itself, taken from: {answer.origin}\n"
    )
    return (
        pack.id,
        text,
        "\n".join(answer.cite),
        origin + "\n".join(wording.remarks(wanted, answer, schema())),
    )


def _trace(library: Library, pack: Pack, key: str) -> dict[str, Any]:
    """What each layer says, from the base up, and which of them was heard."""
    wanted, answer = parameter(key), pack.answers.get(key)
    own = library.layers(pack.id)
    below = standing_on(own, library.layer(BASE))
    layers = [below, *own] if below else own
    steps = [{"layer": layer.head.id, "says": _says(wanted, layer.statements, key)} for layer in layers]
    outcome = wording.SILENT if answer is None else f"采用 taken from {answer.origin}{_also(answer)}"
    remarks = [] if answer is None else list(wording.remarks(wanted, answer, schema()))
    return {"pack": pack.id, "outcome": outcome, "layers": steps, "remarks": remarks, **_json_of(answer)}


def _also(answer: Answer) -> str:
    """The other packs that are heard for some kinds of institution."""
    others = dict.fromkeys(each.origin for each in answer.otherwise if each)
    return f"（其他机构 others: {', '.join(others)}）" if others else ""


def _says(wanted: Parameter, statements: Any, key: str) -> str:
    if key not in statements:
        return "未提及 not mentioned"
    answer = statements[key]
    cite = f" [{'; '.join(answer.cite)}]" if answer else ""
    return wording.answer_text(wanted, answer, schema()).replace("\n", "; ") + cite


def _json_of(answer: Answer | None) -> dict[str, Any]:
    return {} if answer is None else {"answer": _answer_json(answer)}


def _answer_json(answer: Answer | None) -> dict[str, Any] | None:
    """An answer as the packs' files would give it; None for silence."""
    if answer is None:
        return None
    return {
        "value": plain(answer.value),
        "cite": list(answer.cite),
        "origin": answer.origin,
        "only": list(answer.only),
        "otherwise": [_answer_json(each) for each in answer.otherwise],
        "as_a_rule": answer.as_a_rule,
        "inferred": answer.inferred,
        "reading": plain(answer.reading),
        "other": [{"value": plain(each.value), "cite": list(each.cite)} for each in answer.other],
        "note": plain(answer.note),
    }


def _parameter_json(each: Parameter) -> dict[str, Any]:
    shape = each.shape
    return {
        "key": each.key,
        "zh": each.zh,
        "en": each.en,
        "group": each.group.id,
        "type": shape.type,
        "unit": shape.unit.id if shape.unit else None,
        "min": shape.min,
        "max": shape.max,
        "options": {name: plain(text) for name, text in shape.options.items()},
        "fields": {
            name: {"zh": field.zh, "en": field.en, "type": field.shape.type, "optional": field.optional}
            for name, field in shape.fields.items()
        },
    }


def _pack_json(pack: Pack) -> dict[str, Any]:
    head = pack.document()["pack"]
    return {**head, "digest": pack.digest, "values": len(pack.answers), "silent": sorted(pack.silent)}
