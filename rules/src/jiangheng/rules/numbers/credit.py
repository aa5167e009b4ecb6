"""The unified social credit code (GB 32100-2015)."""

from __future__ import annotations

import re

from jiangheng.rules.explanation import Explanation
from jiangheng.rules.numbers.reasons import reason

_FORM = re.compile(r"[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def check_credit_code(code: str) -> Explanation | None:
    """A unified social credit code: form and check character (GB 32100)."""
    from stdnum.cn import uscc  # here, because it takes longer to import than this whole wheel

    right = _FORM.fullmatch(code) and uscc.calc_check_digit(code[:-1]) == code[-1]
    return None if right else reason("credit_code")
