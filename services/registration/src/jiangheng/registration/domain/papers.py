"""Which papers an application needs under its pack, and what stands for each (000 A1 7-8; REG-083, REG-084).

The pack lists what a review looks at. What proves something is asked for only from whoever claims it
[inferred: nobody has a previous certificate before the first]: proofs of work from whoever names work,
of education from whoever names a school, and so on. The promise stands in the form itself. Papers that
nothing in the form claims (training) are never asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from jiangheng.registration.domain.form import ApplicationForm, EvidencePaper
from jiangheng.registration.domain.refusal import DIGEST_BYTES
from jiangheng.rules.pack import Pack
from jiangheng.rules.schema import schema
from jiangheng.rules.values import Text

REQUIRED, WORK_YEARS, ONLINE = (
    "reg.required_papers",
    "reg.work_years_proof",
    "reg.network_check_replaces_paper",
)
PROMISE = "candidate_promise"

_CLAIMED: Mapping[str, Callable[[ApplicationForm], bool]] = MappingProxyType(
    {
        "application_form": lambda _: True,
        "identity_paper": lambda _: True,
        "study_papers": lambda _: True,
        PROMISE: lambda _: True,
        "work_proof": lambda form: bool(form.work),
        "social_insurance": lambda form: bool(form.work),
        "work_years_proof": lambda form: bool(form.work),
        "work_years_promise_if_claimed": lambda form: bool(form.work),
        "education_proof": lambda form: bool(form.education),
        "previous_certificate": lambda form: bool(form.certificates),
        "supporting_papers": lambda form: bool(form.titles or form.apprenticeships),
    }
)


def known_kinds() -> Mapping[str, Text]:
    """Every kind of paper that packs name, with its name for people."""
    parameters = schema().parameters
    return {**parameters[WORK_YEARS].shape.options, **parameters[REQUIRED].shape.options}


def needed(form: ApplicationForm, pack: Pack) -> tuple[str, ...]:
    """The kinds that this form needs, in the pack's order; the promise among them where it is asked for."""
    listed = pack.choices(REQUIRED) if pack.regulates(REQUIRED) else ()
    return tuple(kind for kind in listed if kind in _CLAIMED and _CLAIMED[kind](form))


def missing(form: ApplicationForm, pack: Pack) -> tuple[str, ...]:
    """Those for which nothing was handed in, neither a paper nor, where it counts, an online check."""
    there = {paper.kind for paper in form.papers if proves(paper, pack)}
    return tuple(
        kind for kind in needed(form, pack) if kind != PROMISE and there.isdisjoint(_standing_for(kind, pack))
    )


def proves(paper: EvidencePaper, pack: Pack) -> bool:
    """True for a paper with its file, or with an online check where the pack lets one stand for it."""
    online = pack.regulates(ONLINE) and pack.flag(ONLINE)
    return len(paper.digest) == DIGEST_BYTES or (online and bool(paper.network_check.strip()))


def _standing_for(kind: str, pack: Pack) -> Collection[str]:
    """Years of work are proved by whatever the pack accepts for them."""
    if kind == "work_years_proof" and pack.regulates(WORK_YEARS):
        return (kind, *pack.choices(WORK_YEARS))
    if kind == "work_years_promise_if_claimed":
        return (kind, "written_promise")
    return (kind,)
