"""Posts that one person may not hold together: the matrix cell by cell, scopes, order, what nobody said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from itertools import combinations, permutations, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiangheng.rules.incompatibility import (
    Context,
    Duty,
    Verdict,
    check,
    check_together,
    incompatibilities,
)
from jiangheng.rules.pack import Pack, overlaid, pack_named, pack_names
from jiangheng.rules.posts import UnknownPost, duty_group, post, posts
from jiangheng.rules.schema import schema
from jiangheng.rules.tables import table

# The tables of roles.md §2 and §3, word for word.
TABLES = Path(__file__).parent / "conflicts"
COLUMNS = {
    "Candidate": "candidate",
    "Proctor": "proctor",
    "Examiner": "examiner",
    "Group leader": "group_leader",
    "Judge": "judge",
    "Marker": "marker",
    "Mark entry": "mark_entry",
    "Mark check": "mark_check",
    "Chief / site head": "chief",
    "Exam staff": "exam_staff",
    "Internal supervisor": "internal_supervisor",
    "External supervisor": "external_supervisor",
    "Item developer": "item_developer",
    "Item reviewer": "item_reviewer",
    "Bank manager": "bank_manager",
    "Numbering person": "numbering_person",
    "Trainer of candidates": "trainer",
    "HR-dept. staff": "hr_department_staff",
    "Objection handler": "objection_handler",
}
SOURCES = {
    "000": "jilin",
    "002": "jilin-filing",
    "001": "xinjiang-inner-mongolia",
    "004 S": "shandong-social",
    "004 E": "shandong-enterprise",
    "004 T": "shandong-school",
}
PACKS = sorted(SOURCES.values())
# Pairs on which matrix and X rules differ; the rules decide, since X32 says "or serve in the session".
BY_X32 = {
    frozenset({"candidate", other}) for other in ("marker", "mark_entry", "mark_check", "numbering_person")
}
REGULAR = Context(employment="regular")
HERE = Duty("candidate", batch="b1", session="s1", trade="t1", room="r1", bank="k1", act="a1", part="theory")
NONE, WARNED, REFUSED = "nothing said", "warned", "refused"


def rows(name: str) -> Iterator[list[str]]:
    for line in (TABLES / f"{name}.md").read_text("utf-8").splitlines():
        cells = [cell.strip().strip("*") for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and not line.startswith("|---"):
            yield cells


def rule_sources() -> dict[str, set[str]]:
    """The packs whose paper has each rule; an inferred one is the product's own and holds everywhere."""
    found = {}
    for number, _rule, _scope, _kind, source in list(rows("rules"))[1:]:
        letters = re.findall(r"004|(?<=[ ,])[SET](?=[一二三四五六七八九十])", source)
        named = {SOURCES[f"004 {letter}"] for letter in letters if letter != "004"}
        named |= {SOURCES[each] for each in re.findall(r"\b(000|001|002)\b", source)}
        found[number] = set(PACKS) if source.startswith("[inferred") else named
    return found


def matrix() -> Iterator[tuple[str, str, str]]:
    head, *lines = rows("matrix")
    for line in lines:
        for column, cell in zip(head[1:], line[1:], strict=True):
            yield COLUMNS[line[0]], COLUMNS[column], cell


CELLS = list(matrix())
PAIRS = [(one, other, cell) for one, other, cell in CELLS if one < other]
RULE_SOURCES = rule_sources()
PART = re.compile(
    r"(?:(?P<pack>JL|E): )?(?P<codes>ok|[PpBKRS2](?:,[PpBKRS2])*)(?: \((?P<rules>[^)]*)\))?(?=[,;]|$)"
)


def numbers(text: str) -> list[str]:
    """The rules that a cell cites; X01-X03 is three."""
    found = []
    for first, last in re.findall(r"(X\d\d)(?:-(X\d\d))?", text):
        found += [f"X{number:02}" for number in range(int(first[1:]), int((last or first)[1:]) + 1)]
    return found


def parts(cell: str) -> list[tuple[str, str, list[str]]]:
    """Pack ("" for all), code and rules of what a cell says."""
    return [
        (found["pack"] or "", code, numbers(found["rules"] or ""))
        for found in PART.finditer(cell)
        for code in found["codes"].split(",")
    ]


def expected(one: str, other: str, cell: str, pack: str) -> str:
    """What the matrix says of a pair under a pack, relations aside."""
    if frozenset({one, other}) in BY_X32:
        return REFUSED
    said = {
        _meaning(code, rules, pack)
        for for_pack, code, rules in parts(cell)
        if not for_pack or {"JL": "jilin", "E": "shandong-enterprise"}[for_pack] == pack
    }
    return REFUSED if REFUSED in said else WARNED if WARNED in said else NONE


def _meaning(code: str, rules: list[str], pack: str) -> str:
    if code in "PK":
        return REFUSED if any(pack in RULE_SOURCES[rule] for rule in rules) else WARNED
    # S holds for the person, whatever the pack: identity refuses the grants as well.
    return {"p": WARNED, "B": REFUSED, "S": REFUSED, "2": REFUSED}.get(code, NONE)


def outcome(verdict: Verdict) -> str:
    return REFUSED if verdict.refusals else WARNED if verdict.warnings else NONE


def at(name: str, **elsewhere: str) -> Duty:
    return replace(HERE, post=name, **elsewhere)  # type: ignore[arg-type]


def without_trainer(one: str, other: str, verdict: Verdict) -> Verdict:
    """What a trainer may not be by his relation to candidates has a test of its own."""
    if "trainer" not in (one, other):
        return verdict
    kept = tuple(each for each in verdict.refusals if each.rule not in {"X05", "X06", "X07"})
    return replace(verdict, refusals=kept)


def test_the_tables_are_whole() -> None:
    assert len(CELLS) == 19 * 19
    assert list(RULE_SOURCES) == [f"X{number:02}" for number in range(1, 35)]
    assert RULE_SOURCES["X07"] == {"shandong-social", "shandong-enterprise"}
    assert RULE_SOURCES["X23"] == {"jilin", "shandong-social", "shandong-school"}
    unread = [cell for _one, _other, cell in CELLS if cell.strip("–—") and not parts(cell)]
    assert not unread


def test_the_matrix_is_symmetric() -> None:
    mirror = {(other, one): cell for one, other, cell in CELLS}
    differing = {(one, other) for one, other, cell in CELLS if parts(mirror[one, other]) != parts(cell)}
    assert not differing


@pytest.mark.requirement("EXM-024")
@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize(("one", "other", "cell"), PAIRS)
def test_every_cell_of_the_matrix(one: str, other: str, cell: str, pack: str) -> None:
    verdict = without_trainer(one, other, check([at(one)], at(other), REGULAR, pack_named(pack)))
    assert outcome(verdict) == expected(one, other, cell, pack), (cell, verdict)
    assert verdict.allowed is (not verdict.refusals)


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize(("one", "other", "cell"), PAIRS)
def test_the_reasons_are_those_of_the_cell(one: str, other: str, cell: str, pack: str) -> None:
    verdict = without_trainer(one, other, check([at(one)], at(other), REGULAR, pack_named(pack)))
    cited = set(numbers(cell)) | ({"X32"} if "candidate" in (one, other) else set())
    if "A5 17" in cell:
        cited.add("BNK-057")
    for reason in (*verdict.refusals, *verdict.warnings):
        assert reason.rule in cited
        assert reason.zh
        assert reason.en
        assert reason.clause


RELATED = {
    "X05": {"shandong-social"},
    "X06": RULE_SOURCES["X06"],
    "X07": RULE_SOURCES["X07"],
    "X02": RULE_SOURCES["X02"] | RULE_SOURCES["X03"],
}


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize(("name", "cell"), [(two, cell) for one, two, cell in CELLS if one == "candidate"])
def test_a_relation_to_a_candidate(name: str, cell: str, pack: str) -> None:
    related = [rules for _pack, code, rules in parts(cell) if code == "R"]
    # X07 speaks of all exam posts, whatever rule the cell names.
    sources = {source for rule in (*related[0], "X07") for source in RELATED.get(rule, ())} if related else ()
    context = replace(REGULAR, relations=frozenset({"relative"}))
    assert check([], at(name), context, pack_named(pack)).allowed is (pack not in sources)
    assert check([], at(name), REGULAR, pack_named(pack)) == Verdict()


@pytest.mark.requirement("EXM-023")
@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize(("name", "cell"), [(two, cell) for one, two, cell in CELLS if one == "trainer"])
def test_a_trainer_and_his_own_trainees(name: str, cell: str, pack: str) -> None:
    related = [rules for _pack, code, rules in parts(cell) if code == "R"]
    sources = {source for rule in related[0] for source in RELATED[rule]} if related else set()
    if related:
        # The withdrawal rule without a list (004 E四(五)2) exempts no relation: X07.
        sources.add("shandong-enterprise")
    for held, wanted in ((at("trainer"), at(name)), (at(name), at("trainer"))):
        assert check([held], wanted, REGULAR, pack_named(pack)).allowed is (pack not in sources)
        other_room = replace(held, room="r2")
        assert check([other_room], wanted, REGULAR, pack_named(pack)).allowed


SCOPES = [
    ("jilin", "examiner", "chief", "X01", {"trade", "session", "batch"}),
    ("jilin", "examiner", "exam_staff", "X01", {"trade", "session", "batch"}),
    ("jilin", "examiner", "internal_supervisor", "X02", {"session", "batch"}),
    ("jilin", "internal_supervisor", "external_supervisor", "X02", {"session", "batch"}),
    ("jilin", "internal_supervisor", "proctor", "X02", {"session", "batch"}),
    ("xinjiang-inner-mongolia", "examiner", "external_supervisor", "X03", {"session", "batch"}),
    ("shandong-enterprise", "examiner", "proctor", "X04", {"batch"}),
    ("shandong-enterprise", "internal_supervisor", "chief", "X04", {"batch"}),
    ("shandong-social", "proctor", "trainer", "X05", {"room", "session", "batch"}),
    ("jilin", "item_developer", "item_reviewer", "X08", {"bank"}),
    ("shandong-school", "hr_department_staff", "examiner", "X09", set()),
    ("jilin", "mark_entry", "mark_check", "X23", {"act", "session", "batch"}),
    ("shandong-school", "candidate", "examiner", "X32", {"session", "batch"}),
    ("jilin-filing", "marker", "objection_handler", "X33", {"act", "session", "batch"}),
]
PLACES = ("batch", "session", "trade", "room", "bank", "act")


@pytest.mark.parametrize(("pack", "one", "other", "rule", "narrow"), SCOPES)
@pytest.mark.parametrize("place", PLACES)
def test_a_rule_holds_within_its_scope_only(
    pack: str, one: str, other: str, rule: str, narrow: set[str], place: str
) -> None:
    for held, wanted in permutations((at(one), at(other))):
        apart = replace(held, **{place: "elsewhere"})  # type: ignore[arg-type]
        found = check([apart], wanted, REGULAR, pack_named(pack))
        assert (rule in {each.rule for each in found.refusals}) is (place not in narrow)
        assert rule not in {each.rule for each in found.warnings}
        unknown = replace(held, **{place: ""})  # type: ignore[arg-type]
        assert rule in {each.rule for each in check([unknown], wanted, REGULAR, pack_named(pack)).refusals}


def test_two_sessions_of_one_evaluation_of_an_enterprise() -> None:
    held, wanted = Duty("examiner", "b1", "s1"), Duty("exam_staff", "b1", "s2")
    assert [
        each.rule for each in check([held], wanted, REGULAR, pack_named("shandong-enterprise")).refusals
    ] == ["X04"]
    assert check([held], wanted, REGULAR, pack_named("jilin")) == Verdict()


@pytest.mark.requirement("IAM-008")
def test_a_developer_of_a_bank_does_not_review_it() -> None:
    developed = [Duty("item_developer", bank="k1"), Duty("item_developer", bank="k2")]
    refused = check(developed, Duty("item_reviewer", bank="k2"), REGULAR, pack_named("jilin"))
    assert [(each.rule, each.clause) for each in refused.refusals] == [("X08", "000 A2 16(2)")]
    assert check(developed, Duty("item_reviewer", bank="k3"), REGULAR, pack_named("jilin")) == Verdict()


def test_in_skill_exams_the_examiner_does_the_proctors_work() -> None:
    skill = [Duty(name, "b1", "s1", part="skill") for name in ("examiner", "proctor")]
    theory = [replace(each, part="theory") for each in skill]
    assert check_together(skill, pack_named("jilin")) == Verdict()
    assert outcome(check_together(theory, pack_named("jilin"))) == WARNED
    assert outcome(check_together([skill[0], theory[1]], pack_named("jilin"))) == WARNED
    # 004 E四(五)2(3) forbids it without an exception.
    assert outcome(check_together(skill, pack_named("shandong-enterprise"))) == REFUSED


def test_the_combinations_of_the_source_are_the_permitted_ones() -> None:
    named = {row["clause"] for row in table("incompatibilities")["permitted"]}
    assert "000 A3 20" in named
    assert "001 D16.2" in named
    assert len(list(rows("permitted"))) == 8


@pytest.mark.parametrize(
    "row", table("incompatibilities")["permitted"], ids=lambda row: "+".join(row["posts"])
)
def test_what_the_texts_permit_is_allowed(row: dict[str, object]) -> None:
    packs = row.get("packs", PACKS)
    assert isinstance(packs, list)
    assert isinstance(row["posts"], list)
    held = [Duty(name, "b1", "s1", part=row.get("part", "")) for name in row["posts"]]  # type: ignore[arg-type]
    for pack in packs:
        assert check_together(held, pack_named(pack)) == Verdict()


@pytest.mark.parametrize("pack", PACKS)
def test_posts_of_one_group_are_lawful_together(pack: str) -> None:
    for one, other in combinations(posts(), 2):
        if duty_group(one) == duty_group(other):
            assert check_together([at(one), at(other)], pack_named(pack)) == Verdict()
    assert duty_group("chief") == duty_group("exam_staff") != duty_group("examiner")
    assert {duty_group(name) for name in ("examiner", "group_leader", "marker")} == {"assessment"}
    assert duty_group("proctor") == "proctor"


@pytest.mark.parametrize("pack", PACKS)
def test_every_pair_of_posts_is_judged_as_its_kinds_and_in_either_order(pack: str) -> None:
    rules = pack_named(pack)
    for one, other in combinations(posts(), 2):
        verdict = check([at(one)], at(other), REGULAR, rules)
        assert verdict == check([at(other)], at(one), REGULAR, rules)
        kinds = check([at(post(one).kind)], at(post(other).kind), REGULAR, rules)
        assert outcome(verdict) == outcome(kinds)
        away = Duty(other, "b9", "s9", "t9", "r9", "k9", "a9")
        far = check([at(one)], away, REGULAR, rules)
        assert {each.rule for each in (*far.refusals, *far.warnings)} <= {"X09"}


PLACED = st.builds(
    Duty,
    post=st.sampled_from(sorted(posts())),
    batch=st.sampled_from(["", "b1", "b2"]),
    session=st.sampled_from(["", "s1", "s2"]),
    trade=st.sampled_from(["", "t1"]),
    room=st.sampled_from(["", "r1", "r2"]),
    bank=st.sampled_from(["", "k1", "k2"]),
    act=st.sampled_from(["", "a1", "a2"]),
    part=st.sampled_from(["", "theory", "skill"]),
)
CONTEXTS = st.builds(
    Context,
    relations=st.frozensets(st.sampled_from(["relative", "friend", "trainer"])),
    employment=st.sampled_from(["unknown", "regular", "hired"]),
    exposed_banks=st.frozensets(st.sampled_from(["k1", "k2"])),
)
ANY_PACK = st.sampled_from(PACKS).map(pack_named)


@given(st.lists(PLACED, max_size=3), PLACED, PLACED, CONTEXTS, ANY_PACK)
def test_another_duty_never_turns_a_refusal_into_an_allowance(
    held: list[Duty], more: Duty, wanted: Duty, context: Context, pack: Pack
) -> None:
    fewer, many = check(held, wanted, context, pack), check([*held, more], wanted, context, pack)
    assert set(fewer.refusals) <= set(many.refusals)
    assert set(fewer.warnings) <= set(many.warnings)


@pytest.mark.requirement("IAM-006")
@given(st.lists(PLACED, min_size=3, max_size=3), ANY_PACK)
def test_three_duties_are_admitted_in_every_order_or_in_none(duties: list[Duty], pack: Pack) -> None:
    def admitted(order: tuple[Duty, ...]) -> bool:
        return all(check(order[:place], each, REGULAR, pack).allowed for place, each in enumerate(order))

    lawful = {admitted(order) for order in permutations(duties)}
    personal = [check([], each, REGULAR, pack).allowed for each in duties]
    assert lawful == {check_together(duties, pack).allowed and all(personal)}
    assert check_together(duties, pack) == check_together(duties[::-1], pack)


@given(PLACED, PLACED, ANY_PACK)
def test_less_that_is_known_never_turns_a_refusal_into_an_allowance(
    one: Duty, other: Duty, pack: Pack
) -> None:
    for place in PLACES:
        vaguer = replace(one, **{place: ""})  # type: ignore[arg-type]
        known, unknown = check([one], other, REGULAR, pack), check([vaguer], other, REGULAR, pack)
        assert set(known.refusals) <= set(unknown.refusals)


def test_hired_persons_hold_no_secret_post_in_jilin() -> None:
    for name in (name for name in posts() if posts()[name].secret):
        hired = check([], Duty(name), Context(employment="hired"), pack_named("jilin"))
        unknown = check([], Duty(name), Context(), pack_named("jilin"))
        assert [each.rule for each in hired.refusals] == [each.rule for each in unknown.warnings] == ["X11"]
        assert check([], Duty(name), REGULAR, pack_named("jilin")) == Verdict()
        assert check([], Duty(name), Context(employment="hired"), pack_named("jilin-filing")) == Verdict()
    # Examiners and markers are engaged by the rules themselves (000 main 38, A3 20).
    assert check([], Duty("examiner"), Context(employment="hired"), pack_named("jilin")) == Verdict()
    lifted = overlaid(pack_named("jilin"), {"staff.hired_excluded_from_secret_posts": False})
    assert check([], Duty("bank_manager"), Context(employment="hired"), lifted) == Verdict()


def test_internal_supervisors_are_regular_staff_in_jilin() -> None:
    duty = Duty("internal_supervisor", "b1", "s1")
    hired, unknown = (
        check([], duty, Context(employment=each), pack_named("jilin")) for each in ("hired", "unknown")
    )
    assert [(each.rule, each.clause) for each in hired.refusals] == [("X13", "000 main 44")]
    assert unknown.allowed
    assert [each.rule for each in unknown.warnings] == ["X13"]
    assert check([], duty, Context(), pack_named("shandong-social")) == Verdict()
    assert check([], Duty("external_supervisor", "b1"), Context(), pack_named("jilin")) == Verdict()


def test_who_saw_leaked_items_is_isolated() -> None:
    context = Context(employment="regular", exposed_banks=frozenset({"k1"}))
    pack = pack_named("xinjiang-inner-mongolia")
    for duty in (Duty("candidate", bank="k1"), Duty("proctor"), Duty("bank_manager", bank="k1")):
        assert [each.rule for each in check([], duty, context, pack).refusals] == ["X30"]
        elsewhere = check([], duty, context, pack_named("jilin"))
        assert elsewhere.allowed
        assert [each.rule for each in elsewhere.warnings] == ["X30"]
    assert check([], Duty("proctor", bank="k2"), context, pack) == Verdict()
    assert check([], Duty("proctor"), REGULAR, pack) == Verdict()


def test_an_agencys_pack_has_its_own_scope_and_citation() -> None:
    silent = pack_named("jilin-filing")
    own = overlaid(
        silent,
        {
            "staff.cross_holding_forbidden": [{"post": "proctor", "excludes": ["examiner"]}],
            "staff.cross_holding_vocabulary": [{"post": "proctor", "scope": "evaluation"}],
        },
        cite=("Rule 7",),
    )
    one, other = Duty("proctor", "b1", "s1"), Duty("judge", "b1", "s2")
    assert check([one], other, REGULAR, silent) == Verdict()
    assert [each.clause for each in check([one], other, REGULAR, own).refusals] == ["Rule 7"]
    unsaid = overlaid(own, {"staff.cross_holding_vocabulary": None})
    assert check([one], other, REGULAR, unsaid) == Verdict()
    assert not check([one], replace(other, session="s1"), REGULAR, unsaid).allowed


def test_a_pack_may_lift_what_only_its_text_forbids() -> None:
    lifted = overlaid(pack_named("jilin"), {"bank.review.excludes_developers": False})
    assert outcome(check_together([at("item_developer"), at("item_reviewer")], lifted)) == WARNED


def test_words_and_scopes_of_the_parameters_are_all_read() -> None:
    fields = schema().parameters["staff.cross_holding_forbidden"].shape.fields
    words = {*fields["post"].shape.options, *fields["excludes"].shape.options}
    assert words == set(table("incompatibilities")["words"])
    named = {name for row in table("incompatibilities")["holding"] for name in row["post"].split(", ")}
    assert named == set(fields["post"].shape.options)
    scopes = schema().parameters["staff.cross_holding_vocabulary"].shape.fields["scope"].shape.options
    assert set(scopes) == set(table("incompatibilities")["vocabulary"])


@pytest.mark.parametrize("row", table("incompatibilities")["rule"], ids=lambda row: row["id"])
def test_every_rule_names_a_function_that_enforces_it(row: dict[str, object]) -> None:
    assert isinstance(row["enforced_by"], list)
    assert row["enforced_by"]
    for name in row["enforced_by"]:
        module, function = name.split(":")
        assert callable(getattr(import_module(f"jiangheng.rules.{module}"), function))


def test_the_rules_are_all_there_and_those_of_pairs_and_persons_have_rows() -> None:
    listed = [row["id"] for row in table("incompatibilities")["rule"]]
    assert listed == list(RULE_SOURCES)
    data = table("incompatibilities")
    here = {row["rule"] for kind in ("holding", "pair", "personal") for row in data[kind]}
    here |= set(data["relation"]["rules"])
    enforced = {row["id"] for row in data["rule"] if "incompatibility:check" in row["enforced_by"]}
    assert here - {"BNK-057"} == enforced


def test_the_table_names_nothing_that_there_is_not() -> None:
    data = table("incompatibilities")
    named = {name for row in data["pair"] for side in ("a", "b") for name in row[side]}
    named |= {name for row in data["permitted"] for name in row["posts"]}
    named |= {name for word in data["words"].values() for name in word}
    assert named <= set(posts())
    assert {each.kind for each in posts().values()} <= set(posts())
    assert {pack for row in data["personal"] for pack in row.get("packs", ())} <= set(pack_names())
    for pack in PACKS:
        assert all(each.kinds <= set(posts()) for each in incompatibilities(pack_named(pack)))


def test_an_unknown_post_is_named() -> None:
    for held, wanted in product(("examiner", "emperor"), repeat=2):
        if "emperor" in (held, wanted):
            with pytest.raises(UnknownPost) as caught:
                check([Duty(held)], Duty(wanted), REGULAR, pack_named("jilin"))
            assert caught.value.post == "emperor"
