"""Who applies in the story: made from a seed, so that the same seed makes the same people and papers.

Nobody is real. Identity numbers have right check digits; the first few candidates have a fate of their own,
the others are found eligible, in one of two ways.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from uuid import UUID, uuid5

from jiangheng.api.registration.v1 import application_pb2 as pb
from jiangheng.api.registration.v1 import batch_pb2

OCCUPATION, LEVEL = "6-31-01-03", 4
FEWEST = 12  # so that every fate happens and somebody is left to be seated
_NOT_ELIGIBLE_IN = 12  # one in so many has worked too short a time
_SURNAMES = "冯蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
_GIVEN = "嘉睿泽楷晨曦雨桐梓涵思远俊杰婉清志强海燕文博春雪国栋玉兰"
_DIVISIONS = ("220102", "220104", "220202", "220302", "220402", "220581")
_YEAR = timedelta(days=366)


class Fate(Enum):
    """What becomes of an application."""

    PLAIN = "plain"
    DOUBTED = "doubted"  # checked further, then approved
    AGAINST = "against"  # approved by two against what the rules find
    WITHDRAWN = "withdrawn"
    SHORT = "short"  # refused: too few years of work


@dataclass(frozen=True)
class Applicant:
    """One candidate: the application's id, what is to become of it, and the form."""

    number: int
    application_id: str
    fate: Fate
    form: pb.ApplicationForm


def applicants(batch_id: str, count: int, seed: int, today: date) -> list[Applicant]:
    """The candidates of a batch; `today` is the day of law on which they apply."""
    chance = random.Random(seed)
    used: set[str] = set()
    return [_applicant(batch_id, number, count, chance, today, used) for number in range(count)]


def reviewed(form: pb.ApplicationForm) -> list[pb.ReviewItem]:
    """What a reviewer looks at in a form, found well."""
    kinds = dict.fromkeys([paper.kind for paper in form.papers] + ["candidate_promise"])
    return [pb.ReviewItem(kind=kind, passed=True, source="原件与网络核验") for kind in kinds]


def mended(form: pb.ApplicationForm) -> pb.ApplicationForm:
    """The form with a better proof of work."""
    better = pb.ApplicationForm()
    better.CopyFrom(form)
    for paper in better.papers:
        if paper.kind == "work_proof":
            paper.digest = hashlib.sha256(paper.digest + b"mended").digest()
    return better


def _applicant(
    batch_id: str, number: int, count: int, chance: random.Random, today: date, used: set[str]
) -> Applicant:
    fate = _fate(number, count)
    form = _blank(_candidate(chance, today, used), today)
    _work(form, fate, chance, today)
    return Applicant(number, str(uuid5(UUID(batch_id), f"{number:05}")), fate, form)


def _fate(number: int, count: int) -> Fate:
    first = (Fate.DOUBTED, Fate.AGAINST, Fate.WITHDRAWN)
    if number < len(first):
        return first[number]
    short = max(2, count // _NOT_ELIGIBLE_IN)
    return Fate.SHORT if number < len(first) + short else Fate.PLAIN


def _candidate(chance: random.Random, today: date, used: set[str]) -> pb.Candidate:
    male = chance.random() < 0.7
    born = today - timedelta(days=chance.randrange(32 * 365, 55 * 365))
    number = _identity_number(chance, born, male, used)
    return pb.Candidate(
        name=chance.choice(_SURNAMES) + "".join(chance.sample(_GIVEN, 2)),
        sex="男" if male else "女",
        born=born.isoformat(),
        paper=pb.IDENTITY_PAPER_RESIDENT_ID,
        number=number,
        phone=f"139{chance.randrange(10**8):08}",
        employer="长春演示机电有限公司",
    )


def _identity_number(chance: random.Random, born: date, male: bool, used: set[str]) -> str:
    while True:
        serial = chance.randrange(500) * 2 + male
        body = f"{chance.choice(_DIVISIONS)}{born:%Y%m%d}{serial:03}"
        # GB 11643: weights are the powers of two modulo 11.
        total = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(body))
        number = body + "10X98765432"[total % 11]
        if number not in used:
            used.add(number)
            return number


def _blank(candidate: pb.Candidate, today: date) -> pb.ApplicationForm:
    return pb.ApplicationForm(
        candidate=candidate,
        occupation_code=OCCUPATION,
        level=LEVEL,
        parts=[batch_pb2.PART_THEORY, batch_pb2.PART_SKILL],
        intends=True,
        promise_digest=hashlib.sha256(f"承诺书 {candidate.number}".encode()).digest(),
        promised_on=today.isoformat(),
    )


def _work(form: pb.ApplicationForm, fate: Fate, chance: random.Random, today: date) -> None:
    years = {Fate.SHORT: chance.randrange(1, 4)}.get(fate, chance.randrange(6, 12))
    begun = today - years * _YEAR
    # The rules do not know that this occupation is a related one; the reviewers do.
    occupation = "6-29-03-02" if fate is Fate.AGAINST else OCCUPATION
    form.work.add(
        occupation_code=occupation,
        begun=begun.isoformat(),
        employer=form.candidate.employer,
        content="电气设备安装、调试与检修",
    )
    form.condition = "4.1"
    _paper(form, "work_proof", "工作证明")
    _paper(form, "social_insurance", "社会保险缴费记录")
    if fate is Fate.PLAIN and chance.random() < 0.4:
        _certificate(form, begun)


def _certificate(form: pb.ApplicationForm, begun: date) -> None:
    """A level-5 certificate from before the work: the second way (000 A1 附 二2)."""
    form.certificates.add(
        occupation_code=OCCUPATION,
        level=5,
        issued=(begun - timedelta(days=30)).isoformat(),
        number=f"Y0000{form.candidate.number[-11:-1]}",
        issuer="吉林省演示职业技能鉴定所",
    )
    form.condition = "4.2"
    _paper(form, "previous_certificate", "五级证书")


def _paper(form: pb.ApplicationForm, kind: str, title: str) -> None:
    digest = hashlib.sha256(f"{kind} {form.candidate.number}".encode()).digest()
    form.papers.add(kind=kind, title=title, digest=digest)
