"""What a grant is for: one institution or one region, as the role demands (IAM-011, IAM-012)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jiangheng.chassis.auth import WHOLE_COUNTRY
from jiangheng.chassis.errors import Problem, invalid
from jiangheng.rules import duties, numbers

_REGION = re.compile(r"(?:[0-9]{2}){1,3}")
_CLAUSE = "001 D1 34, D2 26, 37; 002 3"


@dataclass(frozen=True)
class Target:
    """An institution by its credit code, or a region by its division ("00": the whole country)."""

    institution: str = ""
    region: str = ""


def checked_target(role: str, institution: str, region: str) -> Target:
    """The target in normal form; raises INVALID if it is not what a grant of this role names."""
    try:
        per = duties.role(role).per
    except duties.UnknownRole:
        known = "、".join(sorted(duties.roles()))
        raise invalid("role", f"没有此角色；可用：{known}。", f"No such role; there are: {known}.") from None
    if per == "institution":
        return _for_institution(institution, region)
    if institution:
        raise _wrong("institution", "该角色不按机构授予。", "This role is not given for an institution.")
    if per == "country" and region not in ("", WHOLE_COUNTRY):
        raise _wrong("region", "该角色只在全国范围授予。", "This role is given for the whole country only.")
    return Target(region=WHOLE_COUNTRY if per == "country" else _checked_region(region))


def _for_institution(institution: str, region: str) -> Target:
    if region:
        raise _wrong(
            "region",
            "该角色按机构授予，不得指定区域。",
            "This role is given for an institution, not a region.",
        )
    code = numbers.normal_form(institution)
    fault = numbers.check_credit_code(code)
    if fault:
        raise invalid("institution", fault.zh, fault.en, rule=fault.rule, clause=fault.clause)
    return Target(institution=code)


def _checked_region(region: str) -> str:
    if region == WHOLE_COUNTRY:
        return region
    if not _REGION.fullmatch(region) or numbers.check_division(region.ljust(6, "0")):
        raise _wrong(
            "region",
            "请指定行政区划代码的前 2、4 或 6 位，全国为 00。",
            "Name a division by its first 2, 4 or 6 digits (GB/T 2260), 00 for the whole country.",
        )
    return region


def _wrong(field: str, zh: str, en: str) -> Problem:
    return invalid(field, zh, en, rule="IAM-001", clause=_CLAUSE)
