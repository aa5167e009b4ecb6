"""The posts of the work by name: as what each is judged, and which are lawful together on one roster.

The table is posts.toml. These are duties in a batch, session or bank; roles
that are granted for a time are in duties.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from jiangheng.rules.tables import table


class UnknownPost(LookupError):
    """There is no post of this name."""

    def __init__(self, post: str) -> None:
        super().__init__(post)
        self.post = post


@dataclass(frozen=True)
class Post:
    """A post; `kind`: the post as which it is judged; `secret`: work with bank, vault or papers (000 A5 6).

    `group`: posts of one group may be held together by one person in a session or batch.
    """

    id: str
    zh: str
    en: str
    kind: str
    group: str
    secret: bool = False


@cache
def posts() -> Mapping[str, Post]:
    """Every post by its name."""
    return MappingProxyType(
        {
            name: Post(id=name, **{"kind": name, "group": name, **row})
            for name, row in table("posts")["post"].items()
        }
    )


def post(name: str) -> Post:
    """The post of this name. Raises UnknownPost."""
    try:
        return posts()[name]
    except KeyError:
        raise UnknownPost(name) from None


def duty_group(name: str) -> str:
    """The group in which a post is claimed on a roster: its own name if it goes together with none."""
    return post(name).group
