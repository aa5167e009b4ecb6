"""A batch is bound to the whole pack, and judged by what of it holds for the kind of its institution."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from jiangheng.chassis.errors import Problem
from jiangheng.registration.domain.batch import Part, Sitting
from jiangheng.registration.domain.dossier import InstitutionKind
from jiangheng.registration.domain.kinds import heard_by, word_for
from jiangheng.registration.operations import pins
from jiangheng.rules.pack import NotRegulated, pack_named, pack_names

# 000 A1 4 speaks of social evaluation (社会化评价).
NOT_ON_HOLIDAYS = "announcement.exclude_public_holidays"
# 4 and 5 April 2026 are days off: 清明节.
ON_A_HOLIDAY = {
    "sittings": tuple(
        Sitting(f"{part.value}", part, "00000000-0000-4000-8000-00000000501e", begins, ends)
        for part, day in ((Part.THEORY, 4), (Part.SKILL, 5))
        for begins, ends in [[datetime(2026, 4, day, hour, tzinfo=UTC) for hour in (1, 3)]]
    )
}


@pytest.mark.parametrize("kind", InstitutionKind)
def test_a_batch_is_judged_by_what_holds_for_its_institution(office: Any, kind: InstitutionKind) -> None:
    code = office.code()
    office.file(code, kind=kind)
    confirmed = office.confirmed_batch(code)
    assert confirmed.pack.digest.hex() == pack_named("jilin").digest
    with office.runtime.db.read() as tx:
        pack = pins.pack_of(tx, confirmed)
    assert pack == pack_named("jilin").for_kind(kind.value)
    assert pack.regulates(NOT_ON_HOLIDAYS) is (kind is InstitutionKind.SOCIAL_ORGANISATION)


def test_the_plan_is_judged_so_already(office: Any) -> None:
    social, employer = office.code(1), office.code(2)
    office.file(social, kind=InstitutionKind.SOCIAL_ORGANISATION)
    office.file(employer, kind=InstitutionKind.EMPLOYER)
    with pytest.raises(Problem, match="holiday") as refused:
        office.submit_batch(social, 1, **ON_A_HOLIDAY)
    assert refused.value.rule == "REG-046"
    assert office.submit_batch(employer, 2, **ON_A_HOLIDAY).pack is None


def test_while_the_kind_is_not_known_all_of_the_pack_is_heard(office: Any) -> None:
    pack = pack_named("jilin")
    assert heard_by(None, pack) is pack
    with pytest.raises(NotRegulated, match=NOT_ON_HOLIDAYS):
        heard_by(InstitutionKind.EMPLOYER, pack).answer(NOT_ON_HOLIDAYS)


def test_every_pack_has_a_word_for_the_institutions_it_is_meant_for() -> None:
    words = {
        (name, kind): word_for(kind, pack_named(name)) for name in pack_names() for kind in InstitutionKind
    }
    assert words["shandong-enterprise", InstitutionKind.EMPLOYER] == "enterprise"
    assert words["shandong-enterprise", InstitutionKind.SOCIAL_ORGANISATION] is None
    assert words["shandong-school", InstitutionKind.VOCATIONAL_SCHOOL] == "technical_school"
    assert words["jilin", InstitutionKind.VOCATIONAL_SCHOOL] == "vocational_school"
    # Appraisal agencies (002) are no kind that can be filed yet.
    named = {name for (name, _), word in words.items() if word}
    assert named == set(pack_names()) - {"jilin-filing"}
