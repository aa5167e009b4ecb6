"""The kinds of institution in the words of the packs (`org.kinds`), which differ between the sources."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jiangheng.registration.domain.dossier import InstitutionKind
from jiangheng.rules.pack import Pack

# 000 main 2 speaks of 用人单位 and 职业院校, 004 of 企业 and 技工院校, 001 D1 2 of 用人单位 and 技工院校.
WORDS: Mapping[InstitutionKind, tuple[str, ...]] = MappingProxyType(
    {
        InstitutionKind.EMPLOYER: ("employer", "enterprise"),
        InstitutionKind.VOCATIONAL_SCHOOL: ("vocational_school", "technical_school"),
        InstitutionKind.SOCIAL_ORGANISATION: ("social_organisation",),
    }
)


def word_for(kind: InstitutionKind | None, pack: Pack) -> str | None:
    """What the pack calls this kind; None if the pack is not for it or the kind is not known."""
    words = WORDS[kind] if kind else ()
    meant = pack.head.kinds or words
    return next((word for word in words if word in meant), None)


def heard_by(kind: InstitutionKind | None, pack: Pack) -> Pack:
    """What of a pack holds for a kind of institution; all of it for a kind that it does not name."""
    word = word_for(kind, pack)
    return pack.for_kind(word) if word else pack
