"""Rules for candidates (考试须知) on an admission ticket, with the numbers of the batch's policy pack.

A pack that is silent on a matter puts no sentence on the ticket.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from jiangheng.registration.domain.batch import Part
from jiangheng.rules.pack import Pack
from jiangheng.rules.records import is_so, number, option
from jiangheng.rules.schema import schema

# 000 main 20, A3 8; 001 D1 22 (REG-120).
VALIDITY = "本准考证与有效身份证件同时使用方为有效，并作为成绩查询凭证，请妥善保管。"
DRAWN = "drawn_before_batch"
# Sentences whose number is a parameter's own.
_PLAIN: tuple[tuple[Part, str, str], ...] = (
    (
        Part.THEORY,
        "exam.theory.entry_minutes",
        "理论知识考试：开考前{}分钟凭准考证和身份证件入场，对号入座。",
    ),
    (Part.THEORY, "exam.theory.min_stay_minutes", "理论知识考试：开考{}分钟内不得离场。"),
    (Part.THEORY, "exam.theory.leave_window_before_end_minutes", "理论知识考试：结束前{}分钟内方可离场。"),
    (Part.SKILL, "exam.skill.draw_minutes", "技能操作考核：开考前{}分钟入场，抽签确定工位。"),
    (Part.COMPREHENSIVE, "exam.comprehensive.waiting_minutes", "综合评审：开始前{}分钟到候考室候考。"),
)
_LATE: tuple[tuple[Part, str, str], ...] = (
    (Part.THEORY, "exam.theory.late_entry_minutes", "理论知识考试"),
    (Part.COMPREHENSIVE, "exam.comprehensive.late_entry_minutes", "综合评审"),
)
_DRAW: tuple[tuple[Part, str, str], ...] = (
    (Part.SKILL, "seat.skill.assignment", "技能操作考核：每批次入场前抽签确定工位。"),
    (Part.COMPREHENSIVE, "seat.comprehensive.assignment", "综合评审：每批次开始前抽签确定入场顺序。"),
)


def notices(parts: Collection[Part], pack: Pack) -> tuple[str, ...]:
    """The sentences for whoever sits these parts; first that the identity paper goes with it."""
    of_parts = (
        sentence
        for part in Part
        if part in parts
        for sentence in (*_timed(part, pack), *_late(part, pack), *_drawn(part, pack), *_articles(part, pack))
    )
    return (VALIDITY, *_checked(pack), *of_parts)


def _timed(part: Part, pack: Pack) -> Iterator[str]:
    for of, key, sentence in _PLAIN:
        if of is part and pack.regulates(key):
            yield sentence.format(pack.integer(key))


def _checked(pack: Pack) -> Iterator[str]:
    """Name and number are to be checked where the pack says so (004 T三(五); REG-119)."""
    rule = pack.record("ticket.fields") if pack.regulates("ticket.fields") else {}
    if rule.get("candidate_checks"):
        yield "请认真核对姓名、身份证号等信息，如有误请立即与评价机构联系更正。"


def _late(part: Part, pack: Pack) -> Iterator[str]:
    for of, key, zh in _LATE:
        if of is part and pack.regulates(key):
            yield _no_entry(zh, pack.integer(key))
    key = "exam.skill.late_entry_minutes"
    if part is not Part.SKILL or not pack.regulates(key):
        return
    rule = pack.record(key)
    late = number(rule, "minutes") or 0
    if option(rule, "counted_from") != "start":
        return
    if is_so(rule, "excluded"):
        yield f"技能操作考核：迟到{late}分钟取消考核资格。"
    else:
        yield _no_entry("技能操作考核", late)


def _no_entry(zh: str, minutes: int) -> str:
    return f"{zh}：开始{minutes}分钟后不得入场。" if minutes else f"{zh}：开始后不得入场。"


def _drawn(part: Part, pack: Pack) -> Iterator[str]:
    if part is Part.SKILL and pack.regulates("exam.skill.draw_minutes"):
        return  # said with its minutes
    for of, key, sentence in _DRAW:
        if of is part and pack.regulates(key) and option(pack.record(key), "order") == DRAWN:
            yield sentence


def _articles(part: Part, pack: Pack) -> Iterator[str]:
    if part is not Part.THEORY:
        return
    key = "exam.theory.allowed_articles"
    allowed = pack.record(key).get("articles") if pack.regulates(key) else None
    if isinstance(allowed, tuple):
        named = schema().parameters[key].shape.fields["articles"].shape.options
        yield f"理论知识考试可带：{'、'.join(named[each].zh for each in allowed)}。"
    key = "exam.theory.phone_rule"
    rule = option(pack.record(key), "rule") if pack.regulates(key) else None
    if rule:
        yield f"移动电话：{schema().parameters[key].shape.fields['rule'].shape.options[rule].zh}。"
