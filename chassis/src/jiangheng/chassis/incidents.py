"""What may be said about an unexpected exception: its types and where it arose, never its text.

The text of a database error quotes rows, that of a decoder quotes input; both
may be personal data.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

from jiangheng.chassis.errors import Problem


def describe(error: BaseException) -> dict[str, str]:
    """For a log line: the types of the exception and its causes, and the frames of the last.

    A Problem among them adds its code and rule, which name no person and tell an operator what to do.
    """
    chain = list(_chain(error))
    problems = [f"{link.code} {link.rule}".strip() for link in chain if isinstance(link, Problem)]
    frames = traceback.extract_tb(chain[-1].__traceback__)
    places = (f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    types = " from ".join(type(link).__qualname__ for link in chain)
    told = {"problem": " from ".join(problems)} if problems else {}
    return {"error": types, **told, "frames": " > ".join(places)}


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
