"""Values, shapes and places as people read them, Chinese and English side by side."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import cast

from jiangheng.rules.layer import STATUSES, Answer, Head
from jiangheng.rules.schema import Parameter, Schema
from jiangheng.rules.values import Duration, Record, Shape, Text, Unit, Value, decimal_text

TYPE_WORDS = {
    "flag": "是否 yes or no",
    "integer": "整数 integer",
    "decimal": "数字 number",
    "choice": "单选 one option",
    "choices": "多选 several options",
    "text": "文字 text",
    "duration": "期限 duration",
    "record": "一组字段 fields",
    "records": "多组字段 several sets of fields",
}
SILENT = "不作规定 not regulated"


def value_text(shape: Shape, value: Value, schema: Schema) -> str:
    """A value with its unit, options by their names; several lines for what has several parts."""
    match value:
        case bool():
            return "是 yes" if value else "否 no"
        case int() | Decimal():
            return " ".join(filter(None, (decimal_text(Decimal(value)), _unit_text(shape.unit))))
        case str():
            return _pair(shape.options[value]) if value in shape.options else value
        case Text():
            return f"{value.zh}\n{value.en}"
        case Duration():
            return f"{value.length} {_unit_text(schema.units[value.unit])}"
        case tuple():
            return "\n".join(_listed(shape, value, schema)) or "无 none"
        case _:
            return "\n".join(_fields(shape, value, schema))


def parameter_lines(parameter: Parameter) -> Iterable[str]:
    """What a parameter means and what values it may have."""
    yield f"{parameter.zh} {parameter.en}"
    yield f"{parameter.group.zh} {parameter.group.en} · {shape_text(parameter.shape)}"
    for name, each in parameter.shape.options.items():
        yield f"  {name}: {_pair(each)}"
    for name, field in parameter.shape.fields.items():
        optional = " · 可省略 optional" if field.optional else ""
        yield f"  {name}: {field.zh} {field.en} · {shape_text(field.shape)}{optional}"


def shape_text(shape: Shape) -> str:
    """Type, unit, range."""
    low, high = ("" if each is None else decimal_text(each) for each in (shape.min, shape.max))
    return ", ".join(
        filter(None, (TYPE_WORDS[shape.type], _unit_text(shape.unit), f"{low}–{high}" if low or high else ""))
    )


def answer_text(parameter: Parameter, answer: Answer | None, schema: Schema) -> str:
    """The value, or that there is none."""
    if answer is None:
        return SILENT
    inferred = "（推断 inferred）\n" if answer.inferred else ""
    return inferred + value_text(parameter.shape, answer.value, schema)


def remarks(parameter: Parameter, answer: Answer, schema: Schema) -> Iterable[str]:
    """For whom and how firmly it holds, which reading was chosen and why, the other ones, the note."""
    yield from limits(parameter, answer, schema)
    if answer.reading:
        yield f"取此解 reading: {_pair(answer.reading)}"
    for other in answer.other:
        cite = "; ".join(other.cite)
        yield f"另一解 other reading: {value_text(parameter.shape, other.value, schema)} [{cite}]"
    if answer.note:
        yield f"注 note: {_pair(answer.note)}"


def limits(parameter: Parameter, answer: Answer, schema: Schema) -> Iterable[str]:
    """For which kinds of institution a value holds and what holds for others; whether it is only the rule."""
    if answer.only:
        kinds = "、".join(_pair(schema.kinds[each]) if each in schema.kinds else each for each in answer.only)
        yield f"仅适用于 only for: {kinds}"
    for each in answer.otherwise:
        text = answer_text(parameter, each, schema).replace("\n", "; ")
        yield f"其他机构 otherwise: {text}" + (f" [{'; '.join(each.cite)}]" if each else "")
    if answer.as_a_rule:
        yield "原文为“一般”或“原则上” as a rule"


def status_text(head: Head) -> str:
    """What the rules of a pack are worth, from when."""
    since = head.effective or head.issued
    return _pair(STATUSES[head.status]) + (f"\n{since.isoformat()}" if since else "")


def _pair(text: Text) -> str:
    return text.zh if text.zh == text.en else f"{text.zh} {text.en}"


def _unit_text(unit: Unit | None) -> str:
    return _pair(Text(unit.zh, unit.en)) if unit else ""


def _listed(shape: Shape, values: tuple[object, ...], schema: Schema) -> Iterable[str]:
    for each in values:
        if isinstance(each, str):
            yield f"· {_pair(shape.options[each]) if each in shape.options else each}"
        else:
            yield "· " + "; ".join(_fields(shape, cast(Record, each), schema))


def _fields(shape: Shape, record: Record, schema: Schema) -> Iterable[str]:
    for name, each in record.items():
        field = shape.fields[name]
        inner = value_text(field.shape, each, schema)
        yield f"{field.zh} {field.en}: " + ", ".join(line.removeprefix("· ") for line in inner.splitlines())
