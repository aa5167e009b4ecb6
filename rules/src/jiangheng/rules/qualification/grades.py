"""The grades of examiners, the kinds of supervisors, and the levels they examine."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Grade = Literal["examiner", "senior"]
GRADES: tuple[Grade, ...] = get_args(Grade)
"""考评员、高级考评员."""

SupervisorKind = Literal["external", "internal", "district"]
SUPERVISOR_KINDS: tuple[SupervisorKind, ...] = get_args(SupervisorKind)
"""外部质量督导员、内部质量督导员、区（县级市）督导员; options of `supervisor.kinds`."""

Post = Literal["examiner", "supervisor"]
POSTS: tuple[Post, ...] = get_args(Post)

APPRENTICE = 6
"""学徒工, below level 5 (000 A7 3); levels 5 to 1 count downward to 高级技师."""

LEVEL_OPTIONS: Mapping[int, str] = MappingProxyType(
    {APPRENTICE: "apprentice", **{level: f"level_{level}" for level in (5, 4, 3, 2, 1)}}
)
"""The options of `examiner.grades` by level."""
