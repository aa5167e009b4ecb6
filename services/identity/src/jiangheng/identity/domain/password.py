"""What a password must be (001 D2 26; IAM-016). Each refusal says which rule it broke.

Length carries the strength; no rule asks for special characters or for a change
by the calendar.
"""

from __future__ import annotations

import unicodedata

from jiangheng.chassis.errors import invalid

SHORTEST = 12
LONGEST = 128
DISTINCT = 5


def normalised(password: str) -> str:
    """The form that is hashed: the same text typed on two keyboards is the same password (RFC 8265, NFC)."""
    return unicodedata.normalize("NFC", password)


def check(password: str, *, login: str, name: str, field: str = "password") -> None:
    """Raises INVALID, naming the rule, if this may not be the password of that person."""
    text = normalised(password)
    rules = (
        (
            len(text) < SHORTEST,
            "short",
            f"密码至少 {SHORTEST} 个字符。",
            f"A password has at least {SHORTEST} characters.",
        ),
        (
            len(text) > LONGEST,
            "long",
            f"密码最多 {LONGEST} 个字符。",
            f"A password has at most {LONGEST} characters.",
        ),
        (
            len(set(text)) < DISTINCT,
            "uniform",
            f"密码至少含 {DISTINCT} 种不同字符。",
            f"A password has at least {DISTINCT} different characters.",
        ),
        (
            _plain(login) in _plain(text),
            "login",
            "密码不得包含登录名。",
            "A password must not contain the login.",
        ),
        (
            _plain(name) in _plain(text),
            "name",
            "密码不得包含姓名。",
            "A password must not contain the person's name.",
        ),
    )
    for broken, rule, zh, en in rules:
        if broken:
            raise invalid(field, zh, en, rule="IAM-016", clause="001 D2 26", code=f"password-{rule}")


def _plain(text: str) -> str:
    return "".join(normalised(text).casefold().split())
