"""Documents that tell who somebody is, and every kind of number under one name."""

from __future__ import annotations

from datetime import date

import pytest

from jiangheng.rules import numbers
from jiangheng.rules.pack import pack_named
from jiangheng.rules.schema import schema

TODAY = date(2026, 11, 20)
RIGHT = [
    ("resident_identity_card", "11010519491231002X"),
    ("shandong_social_security_card", "11010519491231002X"),
    ("residence_permit_hong_kong_macao_taiwan", "830000199003070010"),
    ("mainland_travel_permit_hong_kong_macao", "H12345678"),
    ("mainland_travel_permit_hong_kong_macao", "M1234567801"),
    ("mainland_travel_permit_hong_kong_macao", "HA1234567"),
    ("mainland_travel_permit_hong_kong_macao", "MA1234567"),
    ("mainland_travel_permit_taiwan", "12345678"),
    ("mainland_travel_permit_taiwan", "1234567801"),
    ("mainland_travel_permit_taiwan", "1234567801B"),
    ("foreign_passport", "E12345678"),
    ("foreign_passport", "123456789012"),
    ("chinese_passport", "E12345678"),
    ("chinese_passport", "EF1234567"),
    ("chinese_passport", "G12345678"),
    ("chinese_passport", "PE1234567"),
    ("chinese_passport", "K12345678"),
    ("chinese_passport", "MA1234567"),
    ("foreign_permanent_residence_card", "USA220102900307"),
    ("residence_permit", "11010519491231002X"),
    ("student_number", "2026012345"),
]
WRONG = [
    ("resident_identity_card", "110105194912310021"),
    ("shandong_social_security_card", "123456789"),
    ("residence_permit_hong_kong_macao_taiwan", "11010519491231002X"),
    ("mainland_travel_permit_hong_kong_macao", "C12345678"),
    ("mainland_travel_permit_hong_kong_macao", "H123456789"),
    ("mainland_travel_permit_hong_kong_macao", "HB1234567"),
    ("mainland_travel_permit_taiwan", "123456789"),
    ("foreign_passport", "1234"),
    ("foreign_passport", "1234567890123"),
    ("foreign_passport", "e12345678"),
    ("chinese_passport", "EI1234567"),
    ("chinese_passport", "EO1234567"),
    ("chinese_passport", "E1234567"),
    ("foreign_permanent_residence_card", "US220102900307"),
    ("residence_permit", "110105194912310021"),
    ("student_number", "12345"),
]
CODES = [
    ("certificate", "Y000022000001263000001", "Y000022000001266000001"),
    ("certificate_in_city", "S000065019001264000001", "S000065159001264000001"),
    ("institution", "Y000022000001", "X000022000001"),
    ("institution_in_city", "S000065019001", "Y000065019001"),
    ("credit_code", "91110000600037341L", "91110000600037341M"),
    ("occupation", "6-31-01-03", "9-31-01-03"),
    ("division", "220102", "990102"),
    ("ticket", numbers.ticket_number(2026, "22", 1, 1), "2622000001000010"),
]


@pytest.mark.parametrize(("kind", "number"), RIGHT)
def test_right_numbers(kind: str, number: str) -> None:
    if kind == "residence_permit_hong_kong_macao_taiwan":
        body = number[:-1]
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        number = body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]
    assert numbers.check_document(kind, number, TODAY) is None
    assert numbers.explain(kind, number, TODAY) == ()


@pytest.mark.parametrize(("kind", "number"), WRONG)
def test_wrong_numbers(kind: str, number: str) -> None:
    assert numbers.check_document(kind, number, TODAY)
    assert numbers.explain(kind, number, TODAY)


def test_every_kind_has_right_and_wrong_examples() -> None:
    assert {kind for kind, _ in RIGHT} == {kind for kind, _ in WRONG} == set(numbers.document_kinds())
    both = {kind for kind, *_ in CODES} | set(numbers.document_kinds())
    assert both == set(numbers.number_kinds())


def test_every_kind_is_named_in_both_languages_with_its_clause() -> None:
    for kind in numbers.document_kinds().values():
        assert kind.zh
        assert kind.en
        assert kind.clause


@pytest.mark.parametrize(("kind", "right", "wrong"), CODES)
def test_every_code_is_known_by_its_kind(kind: str, right: str, wrong: str) -> None:
    assert numbers.explain(kind, right, TODAY) == ()
    faults = numbers.explain(kind, wrong, TODAY)
    assert faults
    assert all(fault.zh and fault.en and fault.rule and fault.clause for fault in faults)
    assert all(wrong not in f"{fault}" for fault in faults)


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(numbers.UnknownKind, match="shoe size"):
        numbers.explain("shoe size", "42", TODAY)
    with pytest.raises(LookupError):
        numbers.check_document("shoe size", "42", TODAY)


@pytest.mark.parametrize(
    ("pack", "kind", "taken"),
    [
        ("xinjiang-inner-mongolia", "resident_identity_card", True),
        ("xinjiang-inner-mongolia", "foreign_passport", False),
        ("shandong-social", "foreign_passport", True),
        ("shandong-social", "student_number", False),
        ("shandong-school", "student_number", True),
        ("jilin", "foreign_passport", True),  # 其他身份证件: any, no list
    ],
)
def test_which_papers_a_pack_takes(pack: str, kind: str, taken: bool) -> None:
    fault = numbers.check_accepted(kind, pack_named(pack))
    assert (fault is None) is taken
    assert fault is None or fault.clause == "; ".join(pack_named(pack).answer("reg.id_types").cite)


def test_every_paper_that_a_pack_can_name_has_a_kind_here() -> None:
    options = set(schema().parameters["reg.id_types"].shape.options)
    assert options - {"other_identity_paper"} <= set(numbers.document_kinds())
