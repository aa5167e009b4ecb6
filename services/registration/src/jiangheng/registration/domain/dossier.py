"""The filing dossier (备案材料): what the applicant hands in (002 6-8, form 一, 三)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from jiangheng.rules import filing


class InstitutionKind(Enum):
    """The kinds of institution of 000 main 2 (`org.kinds`)."""

    EMPLOYER = "employer"
    VOCATIONAL_SCHOOL = "vocational_school"
    SOCIAL_ORGANISATION = "social_organisation"


class PaperKind(Enum):
    """The five parts of the dossier (002 6)."""

    APPLICATION_FORM = "application_form"
    ASSESSMENT_PLAN = "assessment_plan"
    WORK_RULES = "work_rules"
    STAFF_RULES = "staff_rules"
    CERTIFICATE_RULES = "certificate_rules"


@dataclass(frozen=True)
class Scope:
    """An occupation and a level applied for; 5 is the lowest level, 1 the highest."""

    occupation_code: str
    occupation_name: str
    level: int


@dataclass(frozen=True)
class Paper:
    """One paper by the SHA-256 of its file; an assessment plan says for which occupation."""

    kind: PaperKind | None
    title: str
    digest: bytes
    occupation_code: str = ""


@dataclass(frozen=True)
class Dossier:
    """What the applicant hands in. A draft may have gaps: then texts are empty and kinds None."""

    name: str = ""
    kind: InstitutionKind | None = None
    address: str = ""
    legal_representative: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    division: str = ""
    scopes: tuple[Scope, ...] = ()
    papers: tuple[Paper, ...] = ()
    truth_promised: bool = False
    signed_by_legal_representative: bool = False

    @property
    def occupations(self) -> frozenset[str]:
        """The occupation codes applied for."""
        return frozenset(scope.occupation_code for scope in self.scopes)

    def list_of_papers(self) -> tuple[str, ...]:
        """The list of papers (材料清单) that goes with the dossier, in the order of 002 6 (REG-006)."""
        papers = [(part, paper) for part in filing.required_papers() for paper in self._of_kind(part.kind)]
        return tuple(
            f"{number}. {part.zh}：{paper.title}"
            + (f"（{paper.occupation_code}）" if paper.occupation_code else "")
            for number, (part, paper) in enumerate(papers, start=1)
        )

    def _of_kind(self, kind: str) -> Iterator[Paper]:
        return (paper for paper in self.papers if paper.kind and paper.kind.value == kind)
