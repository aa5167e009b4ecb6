"""The printed ticket: what stands on it, never what a name would make of it, always the same bytes."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest

from jiangheng.chassis.canonical import canonical_json
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.domain.batch import Part, Sitting
from jiangheng.registration.domain.candidate_notices import VALIDITY, notices
from jiangheng.registration.domain.seating import Seat
from jiangheng.registration.domain.site import Site, SitePlan, State
from jiangheng.registration.domain.ticket import Line, Ticket, lines, missing_seats, rooms_of
from jiangheng.registration.forms import printing
from jiangheng.rules.pack import pack_named, pack_names

AT = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
LINE = Line(
    "理论知识考试",
    "2026年6月6日",
    "09:00—10:30",
    "示例实训基地",
    "长春市南关区示例路1号",
    "主楼三层 第一考场（301）",
    "12号座位",
)
TICKET = Ticket(
    number="2622000001000017",
    batch="2026年第1期电工职业技能等级认定",
    institution="长春示例制造有限公司",
    test=False,
    issued_on="2026年6月1日",
    name="欧阳䶮",
    id_number="220102199001011237",
    employer="第一车间电工班",
    occupation="电工（6-31-01-03）",
    level="四级/中级工",
    sittings=(LINE, replace(LINE, part="技能操作考核", place="第2批次")),
    rules=notices({Part.THEORY, Part.SKILL}, pack_named("jilin")),
    printed=(
        "name",
        "id_number",
        "employer",
        "ticket_number",
        "occupation",
        "level",
        "time",
        "place",
        "rules",
    ),
)

HOSTILE = (
    "#panic(1)",
    "#set page(width: 1cm)",
    '#read("/etc/passwd")',
    "*粗* _斜_ $x^2$ `code` @ref <label>",
    "\\ // /* */ = heading",
    '"); #let name = "',
    "{{name}}${name}%s%n",
    "= 一级标题",
    "𬭼䶮 Ñandú Ж",
    "null",
)


def printed(ticket: Ticket) -> bytes:
    return printing.printed("ticket", canonical_json(ticket.document()), AT)


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page without the spaces that setting puts between words."""
    return ["".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.requirement("REG-117")
def test_every_field_of_the_ticket_stands_on_its_one_page() -> None:
    (text,) = pages_of(printed(TICKET))
    for name in ("number", "batch", "institution", "name", "id_number", "employer", "occupation", "level"):
        assert getattr(TICKET, name) in text
    for line in TICKET.sittings:
        for said in vars(line).values():
            assert "".join(said.split()) in text
    for rule in TICKET.rules:
        assert rule in text


@pytest.mark.parametrize("field", ["name", "id_number", "employer", "occupation", "ticket_number"])
def test_a_field_that_the_pack_leaves_out_stays_off_the_ticket(field: str) -> None:
    left = tuple(each for each in TICKET.printed if each != field)
    (text,) = pages_of(printed(replace(TICKET, printed=left)))
    label = {
        "name": "姓名欧阳",
        "id_number": TICKET.id_number,
        "employer": TICKET.employer,
        "occupation": TICKET.occupation,
        "ticket_number": "准考证号2622000001000017职业",
    }[field]
    assert label not in text


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_name_holds_is_printed_and_never_done(name: str) -> None:
    hostile = replace(
        TICKET,
        name=name,
        employer=name,
        batch=name,
        institution=name,
        occupation=name,
        sittings=(replace(LINE, site=name, room=name),),
        rules=(name,),
    )
    (text,) = pages_of(printed(hostile))
    assert text.count("".join(name.split())) >= 7
    assert TICKET.number in text


def test_a_test_ticket_says_so_across_the_page() -> None:
    (text,) = pages_of(printed(replace(TICKET, test=True)))
    assert "测试件TEST·不具效力" in text
    assert "测试" in text.replace("测试件", "")
    (plain,) = pages_of(printed(TICKET))
    assert "测试" not in plain
    assert "TEST" not in plain


def test_long_values_stay_on_one_page() -> None:
    long = "长" * 200
    sittings = tuple(replace(LINE, part=part, address=long, room=long) for part in ("理论", "技能", "综合"))
    whole = replace(TICKET, batch=long, employer=long, occupation=long[:100], sittings=sittings)
    rules = notices(set(Part), pack_named("xinjiang-inner-mongolia"))
    assert len(pages_of(printed(replace(whole, rules=rules)))) == 1


def test_the_same_content_gives_the_same_bytes_from_many_threads() -> None:
    others = [replace(TICKET, name=f"考生{number}") for number in range(12)]
    alone = [printed(each) for each in others]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(printed, others)) == alone
    assert len(set(alone)) == 12
    assert "typst 0." in printing.maker("ticket")


def test_without_the_font_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(printing, "FONT_FOLDERS", (tmp_path, tmp_path / "absent"))
    with pytest.raises(Problem) as raised:
        printing.font_file()
    assert (raised.value.kind, raised.value.code) == (Kind.WRONG_STATE, "font-missing")
    assert "fonts-lxgw-wenkai" in raised.value.en
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / printing.FONT_FILE).touch()
    assert printing.font_file() == tmp_path / "deep" / printing.FONT_FILE


def test_a_ticket_is_its_document() -> None:
    assert Ticket.from_document(TICKET.document()) == TICKET


@pytest.mark.requirement("REG-120")
@pytest.mark.parametrize("name", pack_names())
def test_every_ticket_says_first_that_it_goes_with_the_identity_paper(name: str) -> None:
    for parts in ({Part.THEORY}, {Part.SKILL}, set(Part)):
        first, *_ = notices(parts, pack_named(name))
        assert first == VALIDITY
        assert "身份证件同时使用" in first


def test_rules_for_candidates_are_those_of_the_pack_and_of_the_parts() -> None:
    jilin = notices({Part.THEORY}, pack_named("jilin"))
    assert "理论知识考试：开考前30分钟凭准考证和身份证件入场，对号入座。" in jilin
    assert not any("技能" in each or "综合" in each for each in jilin)
    xinjiang = notices(set(Part), pack_named("xinjiang-inner-mongolia"))
    assert "理论知识考试：开考前15分钟凭准考证和身份证件入场，对号入座。" in xinjiang
    assert "技能操作考核：迟到5分钟取消考核资格。" in xinjiang
    assert "理论知识考试可带：铅笔、橡皮、黑色中性笔。" in xinjiang
    school = notices({Part.THEORY}, pack_named("shandong-school"))
    assert "请认真核对姓名、身份证号等信息，如有误请立即与评价机构联系更正。" in school
    assert "理论知识考试：结束前30分钟内方可离场。" in school
    assert notices({Part.COMPREHENSIVE}, pack_named("jilin-filing")) == (VALIDITY,)


def test_a_turn_has_its_own_time_where_the_plan_says_how_long_it_takes(venue: SitePlan) -> None:
    site = Site("s", "A", venue, State.APPROVED, 1, b"")
    starts, ends = datetime(2026, 6, 6, 5, 0, tzinfo=UTC), datetime(2026, 6, 6, 9, 0, tzinfo=UTC)
    sitting = Sitting("S1", Part.SKILL, "s", starts, ends, turn_minutes=45)
    seats = [Seat("a", "S1", "W1", turn=3)]
    (line,) = lines(seats, {"S1": sitting}, {"s": site}, rooms_of([site]))
    assert (line.day, line.time, line.place) == ("2026年6月6日", "14:30—15:15", "第3批次")
    (whole,) = lines(seats, {"S1": replace(sitting, turn_minutes=0)}, {"s": site}, rooms_of([site]))
    assert whole.time == "13:00—17:00"
    theory = replace(
        sitting, sitting_id="T1", part=Part.THEORY, starts_at=datetime(2026, 6, 6, 1, tzinfo=UTC)
    )
    both = lines(
        [*seats, Seat("a", "T1", "301", seat=7)], {"S1": sitting, "T1": theory}, {"s": site}, rooms_of([site])
    )
    assert [(each.part, each.place) for each in both] == [
        ("理论知识考试", "7号座位"),
        ("技能操作考核", "第3批次"),
    ]


@pytest.mark.requirement("REG-117")
def test_without_a_seat_for_every_part_there_is_no_ticket() -> None:
    sitting = Sitting("S1", Part.SKILL, "s", AT, AT)
    seat = Seat("a", "S1", "W1", turn=1)
    assert not missing_seats([Part.SKILL], [seat], {"S1": sitting})
    assert missing_seats([Part.SKILL, Part.THEORY], [seat], {"S1": sitting})
    assert missing_seats([Part.SKILL], [], {"S1": sitting})
    assert missing_seats([Part.SKILL], [seat, seat], {"S1": sitting})
