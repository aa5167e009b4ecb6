"""What a reader gets to see of applications (need to know: IAM-002; SEC-001).

The institution that registers the candidates and the centre that samples them see everything; whoever else
may read, an auditor say, sees names and numbers masked, and nothing else that tells who it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jiangheng.chassis.auth import Caller, Owner
from jiangheng.chassis.db import Tx
from jiangheng.registration.domain.application import (
    ENTER,
    READ,
    REVIEW,
    SAMPLE,
    Application,
    Finding,
    Review,
)
from jiangheng.registration.domain.form import ApplicationForm, Candidate
from jiangheng.registration.operations.judging import Bench
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import reviews
from jiangheng.rules import numbers


@dataclass(frozen=True)
class Seen:
    """An application as one reader sees it, with what the rules say to it and all its reviews."""

    application: Application
    finding: Finding
    reviews: tuple[Review, ...]
    masked: bool


def seen(
    runtime: RegistrationRuntime, tx: Tx, caller: Caller, bench: Bench, found: Sequence[Application]
) -> tuple[Seen, ...]:
    """Applications of one batch as the caller may see them."""
    given = reviews.of(tx, runtime.cipher, [one.id for one in found])
    return tuple(_seen(caller, one, bench.finding(one), given[one.id]) for one in found)


def _seen(caller: Caller, one: Application, finding: Finding, given: tuple[Review, ...]) -> Seen:
    if _may_know(caller, one):
        return Seen(one, finding, given, masked=False)
    hidden = replace(one, form=_masked(one.form), return_reason="", withdrawal_reason="")
    return Seen(hidden, finding, tuple(_unsaid(review) for review in given), masked=True)


def _may_know(caller: Caller, one: Application) -> bool:
    own = any(grant.institution == one.credit_code for grant in caller.with_scope(READ, ENTER, REVIEW))
    return own or caller.covers(Owner(one.credit_code, one.division), SAMPLE)


def _masked(form: ApplicationForm) -> ApplicationForm:
    candidate = form.candidate
    return replace(
        form,
        candidate=Candidate(
            name=numbers.masked_name(candidate.name),
            sex=candidate.sex,
            paper=candidate.paper,
            number=numbers.masked_identity_number(candidate.number),
            phone=numbers.masked_telephone(candidate.phone),
        ),
        certificates=tuple(
            replace(each, number=numbers.masked_certificate_code(each.number), issuer="")
            for each in form.certificates
        ),
        work=tuple(replace(each, employer="", content="") for each in form.work),
        papers=tuple(replace(each, title="", network_check="", digest=b"") for each in form.papers),
        promise_digest=b"",
    )


def _unsaid(review: Review) -> Review:
    """Without free text, which may name anybody."""
    items = tuple(replace(item, source="") for item in review.items)
    return replace(review, items=items, note="", against_finding="")
