"""From which papers a pack takes its rules on a matter, told by its citations.

Lists that are no parameters of their own (grounds for the loss of a card, facts
recorded of a room) stand in tables of this wheel under the paper that has them.
A pack that takes its rule on the matter from this paper takes its list too.
"""

from __future__ import annotations

from collections.abc import Iterable

from jiangheng.rules.library import BASE
from jiangheng.rules.pack import Pack


def follows(paper: str, keys: Iterable[str], pack: Pack) -> bool:
    """True if the pack cites this paper ("000 A7", "004 S") for one of these parameters.

    What comes from the base cites every source that shares it and proves nothing.
    """
    answers = (pack.answer(key) for key in keys if pack.regulates(key))
    return any(answer.origin != BASE and _cites(paper, answer.cite) for answer in answers)


def _cites(paper: str, citations: Iterable[str]) -> bool:
    # "000 A1" is not the paper of "000 A11 2"; "004 S" is that of "004 S四(一)2".
    return any(
        cite.startswith(paper) and not cite[len(paper) : len(paper) + 1].isdecimal() for cite in citations
    )
