"""Steps 13 and 14 of the journey: candidates apply, and are reviewed by others than who entered them."""

from __future__ import annotations

from jiangheng.api.registration.v1 import application_pb2 as pb
from jiangheng.local import planning, story
from jiangheng.local.candidates import Applicant, Fate, applicants, mended, reviewed
from jiangheng.local.driver import DoesNotHold
from jiangheng.local.journey import Journey

BY_HIMSELF = -1  # the last one is entered by a person who may review as well


def everybody(journey: Journey) -> list[Applicant]:
    """The candidates of the story."""
    today = planning.dates(journey).today
    return applicants(planning.BATCH, journey.candidates, journey.seed, today)


def stands(journey: Journey, application_id: str) -> pb.Application:
    """The application as it stands."""
    request = pb.GetApplicationRequest(application_id=application_id)
    found: pb.Application = journey.ask(story.WEI, request).application
    return found


# 13


def applications(journey: Journey) -> str:
    all_ = everybody(journey)
    first = _save(all_[0].application_id, all_[0].form)
    journey.refused("IAM-012", story.QIN, first)
    journey.refused("IAM-002", story.WEI, first)
    journey.together(lambda one: _enter(journey, one, story.CHU), all_[:BY_HIMSELF])
    _enter(journey, all_[BY_HIMSELF], story.HAN)
    gone = [one for one in all_ if one.fate is Fate.WITHDRAWN]
    for one in gone:
        found = stands(journey, one.application_id)
        reason = "本人申请撤回"
        request = pb.WithdrawApplicationRequest(
            application_id=found.application_id, revision=found.revision, reason=reason
        )
        journey.ask(story.CHU, request)
        journey.happened("application.withdrawn.v1", one.application_id)
    journey.results |= {"candidates": len(all_), "withdrawn": len(gone)}
    return f"{len(all_)} applications entered and submitted, {len(gone)} withdrawn"


def _save(application_id: str, form: pb.ApplicationForm) -> pb.SaveApplicationRequest:
    return pb.SaveApplicationRequest(application_id=application_id, batch_id=planning.BATCH, form=form)


def _enter(journey: Journey, one: Applicant, clerk: story.Character) -> None:
    enter(journey, one.application_id, one.form, clerk)


def enter(journey: Journey, application_id: str, form: pb.ApplicationForm, clerk: story.Character) -> None:
    """Save and submit, as a clerk does."""
    saved = journey.ask(clerk, _save(application_id, form)).application
    request = pb.SubmitApplicationRequest(application_id=application_id, revision=saved.revision)
    journey.ask(clerk, request)
    journey.happened("application.submitted.v1", application_id)


# 14


def review(journey: Journey) -> str:
    waiting = [one for one in everybody(journey) if one.fate is not Fate.WITHDRAWN]
    _walls(journey, waiting)
    told = journey.together(lambda one: _REVIEWS[one.fate](journey, one), waiting)
    counted = {word: told.count(word) for word in ("approved", "refused")}
    journey.results |= counted
    return (
        f"{counted['approved']} approved, one after a further check, one by two against the finding; "
        f"{counted['refused']} not eligible and refused with the reason"
    )


def _walls(journey: Journey, waiting: list[Applicant]) -> None:
    """Who entered an application does not review it, nor does who may only enter."""
    by_clerk, by_himself = waiting[0], waiting[BY_HIMSELF]
    journey.refused("IAM-002", story.CHU, approval(journey, by_clerk))
    journey.refused("REVIEW-SELF", story.HAN, approval(journey, by_himself))


def approval(journey: Journey, one: Applicant, against: str = "") -> pb.ReviewApplicationRequest:
    """An approval of the application as it stands."""
    found = stands(journey, one.application_id)
    return pb.ReviewApplicationRequest(
        application_id=found.application_id,
        revision=found.revision,
        verdict=pb.VERDICT_APPROVE,
        items=reviewed(found.form),
        against_finding=against,
    )


def _plain(journey: Journey, one: Applicant) -> str:
    journey.ask(story.WEI, approval(journey, one))
    journey.happened("application.approved.v1", one.application_id)
    return "approved"


def _short(journey: Journey, one: Applicant) -> str:
    """Not eligible: the approval is refused by the rules, the refusal gives their reason."""
    problem = journey.driver.refused("REG-097", lambda: journey.ask(story.WEI, approval(journey, one)))
    found = stands(journey, one.application_id)
    if found.finding.eligible or not found.finding.tried:
        raise DoesNotHold(f"{one.application_id} has worked too short a time and is found eligible")
    request = pb.ReviewApplicationRequest(
        application_id=found.application_id,
        revision=found.revision,
        verdict=pb.VERDICT_REFUSE,
        note=problem.zh,
    )
    journey.ask(story.WEI, request)
    journey.happened("application.refused.v1", one.application_id)
    return "refused"


def _doubted(journey: Journey, one: Applicant) -> str:
    found = stands(journey, one.application_id)
    request = pb.ReviewApplicationRequest(
        application_id=found.application_id,
        revision=found.revision,
        verdict=pb.VERDICT_FURTHER_CHECK,
        note="工作证明无单位签章，请补正",
    )
    journey.ask(story.WEI, request)
    journey.happened("application.doubted.v1", one.application_id)
    enter(journey, one.application_id, mended(one.form), story.CHU)
    return _plain(journey, one)


def _against(journey: Journey, one: Applicant) -> str:
    """Two persons: the first says what is wrong in the finding, another agrees; the first may not."""
    journey.ask(story.WEI, approval(journey, one, against="所从事的工种经核实为相关职业，年限应予累计"))
    journey.happened("application.doubted.v1", one.application_id)
    second = approval(journey, one)
    journey.refused("REG-097", story.WEI, second)
    journey.ask(story.JIANG, second)
    journey.happened("application.approved.v1", one.application_id)
    return "approved"


_REVIEWS = {Fate.PLAIN: _plain, Fate.SHORT: _short, Fate.DOUBTED: _doubted, Fate.AGAINST: _against}
