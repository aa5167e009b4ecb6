"""Persons: how they are named and found. One human is one person is one document number (design 6)."""

from __future__ import annotations

import re
import unicodedata

from jiangheng.chassis.errors import invalid

LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,31}")
LONGEST_NAME = 64


def normalised_login(login: str) -> str:
    """The form in which a login is compared: two that look alike to a typist are one."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def checked_login(login: str) -> str:
    """The login in its normal form; raises INVALID if it cannot be one."""
    text = normalised_login(login)
    if not LOGIN.fullmatch(text):
        raise invalid(
            "login",
            "登录名须以字母开头，由 3–32 位小写字母、数字、点、下划线或连字符组成。",
            "A login starts with a letter and has 3 to 32 lower-case letters, digits, dots, _ or -.",
            rule="IAM-001",
        )
    return text


def checked_name(name: str) -> str:
    """The name without blanks around it; raises INVALID if there is none or it holds what no name holds."""
    text = unicodedata.normalize("NFC", name).strip()
    # Characters of Unicode's private area are let be: rare names are still written with them.
    unprintable = any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in text)
    if not text or len(text) > LONGEST_NAME or unprintable:
        raise invalid(
            "name",
            f"姓名应为 1–{LONGEST_NAME} 个可见字符。",
            f"A name has 1 to {LONGEST_NAME} printable characters.",
            rule="IAM-001",
        )
    return text
