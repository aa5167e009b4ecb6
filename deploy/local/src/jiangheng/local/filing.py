"""Steps 5 to 9 of the journey: an institution applies, and the authority files it."""

from __future__ import annotations

import hashlib

from google.protobuf.message import Message

from jiangheng.api.registration.v1 import registration_pb2 as registration
from jiangheng.chassis import acts
from jiangheng.local import story
from jiangheng.local.driver import Actor, DoesNotHold, Method
from jiangheng.local.journey import Journey

COMPLETE_FILING = "/jiangheng.api.registration.v1.InstitutionService/CompleteFiling"


# 5


def submission(journey: Journey) -> str:
    applicant = journey.actor(story.WU)
    short = dossier()
    del short.papers[-1]
    saved = _save(journey, applicant, short)
    problem = journey.driver.refused("REG-006", lambda: _submit(journey, applicant, saved.revision))
    saved = _save(journey, applicant, dossier())
    _submit(journey, applicant, saved.revision)
    return f"first refused ({problem.field}: {problem.en}), then submitted"


def _save(journey: Journey, actor: Actor, content: registration.Dossier) -> registration.Institution:
    request = registration.SaveDraftRequest(credit_code=story.APPLICANT, dossier=content)
    return _register_for(journey, actor, journey.driver.institutions.SaveDraft, request)


def _submit(journey: Journey, actor: Actor, revision: int) -> registration.Institution:
    request = registration.SubmitFilingRequest(credit_code=story.APPLICANT, revision=revision)
    return _register_for(journey, actor, journey.driver.institutions.SubmitFiling, request)


def _register_for(
    journey: Journey, actor: Actor, method: Method, request: Message
) -> registration.Institution:
    answer: registration.Institution = journey.driver.call(actor, "registration", method, request).institution
    return answer


def _stands(journey: Journey) -> registration.Institution:
    request = registration.GetInstitutionRequest(credit_code=story.APPLICANT)
    return _register_for(
        journey, journey.actor(story.QIAN), journey.driver.institutions.GetInstitution, request
    )


# 6


def returned_and_mended(journey: Journey) -> str:
    officer, applicant = journey.actor(story.QIAN), journey.actor(story.WU)
    reason = "考务规程缺页，请补齐"
    request = registration.ReturnFilingRequest(
        credit_code=story.APPLICANT, revision=_stands(journey).revision, reason=reason
    )
    _register_for(journey, officer, journey.driver.institutions.ReturnFiling, request)
    journey.driver.record.facts.append(("institution.returned.v1", story.APPLICANT))
    mended = dossier()
    mended.papers[2].digest = hashlib.sha256("考务规程，补齐".encode()).digest()
    saved = _save(journey, applicant, mended)
    _submit(journey, applicant, saved.revision)
    journey.driver.record.facts += [("institution.submitted.v1", story.APPLICANT)] * 2
    return f"returned ({reason}), mended, submitted again"


# 7


def walls(journey: Journey) -> str:
    officer = journey.actor(story.QIAN)
    # It is tried once it has expired, at step 16.
    journey.old_token = journey.driver.token(journey.actor(story.ZHU), "registration")
    accept = registration.AcceptFilingRequest(credit_code=story.APPLICANT, revision=_stands(journey).revision)
    before = _stands(journey)
    tries = (
        ("IAM-002", story.ZHOU, "", "an auditor accepts"),
        ("IAM-012", story.ZHENG, "", "another institution submits"),
        ("IAM-011", story.WANG, "", "an officer of another province accepts"),
        (
            "wrong-audience",
            story.QIAN,
            journey.driver.token(officer, "identity"),
            "with a token for identity",
        ),
    )
    for rule, character, token, _ in tries:
        _refused_try(journey, rule, character, token, accept)
    if _stands(journey) != before:
        raise DoesNotHold("a refused act changed the institution")
    return "; ".join(f"{what}: {rule}" for rule, _, _, what in tries)


def _refused_try(
    journey: Journey,
    rule: str,
    character: story.Character,
    token: str,
    accept: registration.AcceptFilingRequest,
) -> None:
    actor = journey.actor(character)
    token = token or journey.driver.token(actor, "registration")
    method: Method = journey.driver.institutions.AcceptFiling
    request: Message = accept
    if character is story.ZHENG:
        method = journey.driver.institutions.SubmitFiling
        request = registration.SubmitFilingRequest(credit_code=story.APPLICANT, revision=accept.revision)
    journey.driver.refused(rule, lambda: journey.driver.raw_call(method, request, token), caller=actor.name)


# 8


def acceptance(journey: Journey) -> str:
    officer = journey.actor(story.QIAN)
    request = registration.AcceptFilingRequest(
        credit_code=story.APPLICANT, revision=_stands(journey).revision
    )
    stands = _register_for(journey, officer, journey.driver.institutions.AcceptFiling, request)
    journey.driver.record.facts.append(("institution.accepted.v1", story.APPLICANT))
    journey.results["filing_due"] = stands.filing_due
    return f"accepted; to be completed by {stands.filing_due}"


# 9


def filing(journey: Journey) -> str:
    officer = journey.actor(story.QIAN)
    stands = _stands(journey)
    request = registration.CompleteFilingRequest(
        credit_code=story.APPLICANT, revision=stands.revision, dossier_digest=stands.dossier_digest
    )
    complete = journey.driver.institutions.CompleteFiling
    journey.driver.refused(
        "act-signature", lambda: _register_for(journey, officer, complete, request), caller=officer.name
    )
    request.signature.CopyFrom(acts.sign_act(officer.key, officer.key_id, COMPLETE_FILING, request))
    filed = _register_for(journey, officer, complete, request)
    journey.driver.record.facts.append(("institution.filed.v1", story.APPLICANT))
    journey.results["institution_code"] = filed.institution_code
    journey.results["receipt_number"] = filed.receipt_number
    return f"institution code {filed.institution_code}, receipt {filed.receipt_number}"


def dossier() -> registration.Dossier:
    """A complete dossier: the five parts of 002 6 for one occupation and level."""
    parts = (
        (registration.PAPER_KIND_APPLICATION_FORM, "备案申请表", ""),
        (registration.PAPER_KIND_ASSESSMENT_PLAN, "电工四级考核方案与试题来源", "6-31-01-03"),
        (registration.PAPER_KIND_WORK_RULES, "工作流程、考务规程及质量管理制度", ""),
        (registration.PAPER_KIND_STAFF_RULES, "考务、考评、督导人员及专家管理办法", ""),
        (registration.PAPER_KIND_CERTIFICATE_RULES, "证书核发与管理制度", ""),
    )
    return registration.Dossier(
        name="长春匠衡技能评价中心（演示）",
        kind=registration.INSTITUTION_KIND_SOCIAL_ORGANISATION,
        address="吉林省长春市南关区演示路1号",
        legal_representative="何静",
        contact_name="吴晓",
        contact_phone="13900000001",
        division="220102",
        scopes=[registration.Scope(occupation_code="6-31-01-03", occupation_name="电工", level=4)],
        papers=[
            registration.Paper(
                kind=kind, title=title, digest=hashlib.sha256(title.encode()).digest(), occupation_code=code
            )
            for kind, title, code in parts
        ],
        truth_promised=True,
        signed_by_legal_representative=True,
    )
