"""What follows from a violation: measures against candidates and institutions, each with its clause."""

from jiangheng.rules.sanctions.candidates import (
    FoundOut,
    candidate_ruling,
    later_ruling,
    later_violations,
    paper_removed_ruling,
)
from jiangheng.rules.sanctions.institutions import (
    Gravity,
    Ground,
    explain_end_of_filing,
    explain_evaluating,
    institution_grounds,
    institution_ruling,
    standing_after,
)
from jiangheng.rules.sanctions.ruling import Named, Ruling, UnknownViolation

__all__ = [
    "FoundOut",
    "Gravity",
    "Ground",
    "Named",
    "Ruling",
    "UnknownViolation",
    "candidate_ruling",
    "explain_end_of_filing",
    "explain_evaluating",
    "institution_grounds",
    "institution_ruling",
    "later_ruling",
    "later_violations",
    "paper_removed_ruling",
    "standing_after",
]
