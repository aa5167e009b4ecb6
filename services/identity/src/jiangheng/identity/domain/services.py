"""Service principals: programs that call other services in their own name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from jiangheng.chassis.errors import invalid
from jiangheng.rules import duties

NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")


def scopes() -> frozenset[str]:
    """What a service may be given; a right meant for persons never goes to a program."""
    return frozenset(scope.id for scope in duties.scopes().values() if scope.holder == "service")


def check_name(name: str) -> None:
    """Raises INVALID unless this can be the name of a service principal."""
    if not NAME.fullmatch(name):
        raise invalid(
            "name",
            "服务名须以小写字母开头，由 2–40 位小写字母、数字或连字符组成。",
            "A service's name has 2 to 40 lower-case letters, digits or hyphens and starts with a letter.",
        )


def check_public_key(public_key: bytes) -> None:
    """Raises INVALID unless it has the length of an Ed25519 public key."""
    if len(public_key) != 32:
        raise invalid(
            "public_key", "公钥应为 32 字节的 Ed25519 公钥。", "An Ed25519 public key has 32 bytes."
        )


def checked_scopes(wanted: Iterable[str]) -> tuple[str, ...]:
    """The scopes in order; raises INVALID for one that is no service's, or for none at all."""
    asked, allowed = set(wanted), scopes()
    if not asked or asked - allowed:
        raise invalid(
            "scopes",
            f"服务可用的权限：{'、'.join(sorted(allowed))}。",
            f"A service may hold: {', '.join(sorted(allowed))}.",
            rule="IAM-001",
            clause="design 4",
            code="not-a-service-scope",
        )
    return tuple(sorted(asked))
