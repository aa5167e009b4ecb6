"""Documents: one human, one normal form."""

from __future__ import annotations

from datetime import date

import pytest

from jiangheng.chassis.errors import Problem
from jiangheng.identity.domain.documents import Document, DocumentType, checked_document

TODAY = date(2026, 3, 2)
RESIDENT, PASSPORT = DocumentType.RESIDENT_ID, DocumentType.PASSPORT


@pytest.mark.parametrize(
    "written", ["11010519491231002X", " 110105 19491231 002x ", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_spellings_of_a_number_are_one_document(written: str) -> None:
    assert checked_document(RESIDENT, written, TODAY) == Document(RESIDENT, "11010519491231002X")


@pytest.mark.parametrize("wrong", ["", "110105194912310021", "11010519490231002X", "110105194912310"])
def test_a_number_that_cannot_be_is_refused_with_the_standard(wrong: str) -> None:
    with pytest.raises(Problem) as refused:
        checked_document(RESIDENT, wrong, TODAY)
    assert refused.value.field == "document_number"
    assert "GB 11643" in refused.value.rule + refused.value.clause
    assert not wrong or wrong not in str(refused.value)


def test_an_identity_number_is_no_passport() -> None:
    assert checked_document(PASSPORT, "e12345678", TODAY).number == "E12345678"
    with pytest.raises(Problem):
        checked_document(PASSPORT, "11010519491231002X", TODAY)


def test_a_number_shows_in_no_repr() -> None:
    assert "E12345678" not in repr(checked_document(PASSPORT, "E12345678", TODAY))
