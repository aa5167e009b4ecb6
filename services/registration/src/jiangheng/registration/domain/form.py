"""What a candidate fills in and hands in (职业技能等级认定登记表; 000 A1 7-10).

A draft may have gaps: then texts are empty and enums None. Days are texts YYYY-MM-DD.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from jiangheng.registration.domain.batch import Part


class IdentityPaper(Enum):
    """Kinds of identity paper, as the rules' table of documents names them."""

    RESIDENT_ID = "resident_identity_card"
    HMT_RESIDENCE_PERMIT = "residence_permit_hong_kong_macao_taiwan"
    FOREIGN_PASSPORT = "foreign_passport"
    HONG_KONG_MACAO_TRAVEL_PERMIT = "mainland_travel_permit_hong_kong_macao"
    TAIWAN_TRAVEL_PERMIT = "mainland_travel_permit_taiwan"
    FOREIGNER_CARD = "foreign_permanent_residence_card"
    SOCIAL_SECURITY_CARD = "shandong_social_security_card"
    RESIDENCE_PERMIT = "residence_permit"
    STUDENT_NUMBER = "student_number"
    CHINESE_PASSPORT = "chinese_passport"


@dataclass(frozen=True)
class Candidate:
    """Who applies. Sealed in the store, masked for whoever need not know."""

    name: str = ""
    sex: str = ""
    born: str = ""
    paper: IdentityPaper | None = None
    number: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    employer: str = ""


@dataclass(frozen=True)
class HeldCertificate:
    """A certificate of skill level or vocational qualification that he holds."""

    occupation_code: str
    level: int
    issued: str
    number: str = ""
    issuer: str = ""


@dataclass(frozen=True)
class WorkPeriod:
    """Time in one occupation: unit, years and content (000 A1 7)."""

    occupation_code: str
    begun: str
    ended: str = ""
    employer: str = ""
    content: str = ""


@dataclass(frozen=True)
class Education:
    """One course at a school, in the words of the rules' vocabulary."""

    school: str
    major: str = ""
    class_kind: str = ""
    enrolled: str = ""
    graduating_from: str = ""
    expected_until: str = ""
    graduated: str = ""
    approved: bool = False


@dataclass(frozen=True)
class Title:
    """A professional title or qualification."""

    grade: str
    specialty: str
    issued: str
    qualification: bool = False


@dataclass(frozen=True)
class Apprenticeship:
    """A completed apprenticeship."""

    occupation_code: str
    completed: str


@dataclass(frozen=True)
class EvidencePaper:
    """A paper by the SHA-256 of its file, or the online check that stands for it (000 A1 8)."""

    kind: str
    title: str = ""
    digest: bytes = b""
    network_check: str = ""


@dataclass(frozen=True)
class ApplicationForm:
    """The whole form."""

    candidate: Candidate = Candidate()
    occupation_code: str = ""
    level: int = 0
    parts: tuple[Part | None, ...] = ()
    condition: str = ""
    intends: bool = False
    certificates: tuple[HeldCertificate, ...] = ()
    work: tuple[WorkPeriod, ...] = ()
    education: tuple[Education, ...] = ()
    titles: tuple[Title, ...] = ()
    apprenticeships: tuple[Apprenticeship, ...] = ()
    papers: tuple[EvidencePaper, ...] = ()
    promise_digest: bytes = b""
    promised_on: str = ""
