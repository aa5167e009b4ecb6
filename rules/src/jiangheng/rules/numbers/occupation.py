"""Codes of occupations and trades (国家职业分类大典)."""

from __future__ import annotations

import re

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers.reasons import reason

_FORM = re.compile(r"[1-8]-[0-9]{2}-[0-9]{2}-[0-9]{2}(?:-[0-9]{2})?")


def check_occupation_code(code: str) -> Explanation | None:
    """An occupation code of the classification, with or without a trade; not whether it is listed."""
    return None if _FORM.fullmatch(code) else reason("occupation_code")
