"""jiangheng-rules list, show, explain, diff, validate: for people, for programs, and their exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from jiangheng.rules.cli import wording
from jiangheng.rules.cli.layout import print_json
from jiangheng.rules.cli.main import COMMANDS, build, main
from jiangheng.rules.cli.uses import used_by
from jiangheng.rules.layer import Answer
from jiangheng.rules.library import BASE, WHEEL
from jiangheng.rules.pack import PACKS_VARIABLE, Pack, pack_named, pack_names
from jiangheng.rules.schema import FOLDER, Parameter, Schema, schema
from jiangheng.rules.values import Duration, Text

Writes = Callable[[dict[str, str]], Path]
Head = Callable[..., str]
WIDE, NARROW = "200", "40"
KEY = "result.publicity_working_days"
REMARKS = """\
note = { zh = "注", en = "a note" }
reading = { zh = "因", en = "the reason" }
other = [{ value = 9, cite = ["900 2"] }]
"""
APP = build()


@pytest.fixture(autouse=True)
def _no_packs_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PACKS_VARIABLE, raising=False)


def call(*arguments: object, width: str = WIDE) -> Result:
    return CliRunner().invoke(APP, [str(each) for each in arguments], env={"COLUMNS": width})


def flat(result: Result) -> str:
    return re.sub(r"\s+", " ", result.output)


# --- list -----------------------------------------------------------------------


def test_list_shows_packs_and_every_parameter() -> None:
    result = call("list")
    assert result.exit_code == 0
    for name in pack_names(()):
        pack = pack_named(name, ())
        for said in (name, pack.version, pack.digest[:12], pack.head.zh):
            assert said in result.output.replace("\n", "")
    assert all(key in result.output for key in schema().parameters)


@pytest.mark.parametrize("word", ["公示", "PUBLICITY", "result.pub"])
def test_list_narrows_by_key_and_meaning(word: str) -> None:
    result = call("list", word)
    assert KEY in result.output
    assert "org.kinds" not in result.output
    assert "jilin" not in result.output


def test_list_for_programs() -> None:
    listed = json.loads(call("list", "bank.", "--json").output)
    assert [each["id"] for each in listed["packs"]] == list(pack_names(()))
    assert {each["digest"] for each in listed["packs"]} == {
        pack_named(name, ()).digest for name in pack_names(())
    }
    assert listed["parameters"]
    assert all("bank." in each["key"] for each in listed["parameters"])


# --- show -----------------------------------------------------------------------


@pytest.mark.parametrize("key", list(schema().parameters))
def test_show_finds_every_parameter_in_every_jurisdiction(key: str) -> None:
    shown = json.loads(call("show", key, "--json").output)["packs"]
    assert list(shown) == list(pack_names(()))
    for name, said in shown.items():
        pack = pack_named(name, ())
        assert (said is not None) == pack.regulates(key)
        if said:
            assert said["cite"] == list(pack.answer(key).cite)


def test_show_sets_all_side_by_side_with_articles() -> None:
    text = flat(call("show", KEY))
    for said in (*pack_names(()), "5 个工作日 working days", "000 main 25", "公示"):
        assert said in text


def test_show_says_what_is_taken_from_the_base(write: Writes, head_text: Head) -> None:
    key = next(iter(pack_named(BASE, ()).answers))
    text = flat(call("show", key, "--pack", "p", "--packs", write({"p/pack.toml": head_text("p")})))
    assert "silent itself, taken from: national" in text


def test_show_says_who_is_silent() -> None:
    silent = next(key for key in schema().parameters if not pack_named("jilin", ()).regulates(key))
    assert wording.SILENT in call("show", silent, "--pack", "jilin").output
    assert json.loads(call("show", silent, "--pack", "jilin", "--json").output)["packs"] == {"jilin": None}


@pytest.mark.parametrize("width", ["30", NARROW, "80", WIDE])
@pytest.mark.parametrize(
    "arguments", [("show", KEY), ("list",), ("diff", "jilin", "shandong-social"), ("explain", KEY)]
)
def test_no_line_is_wider_than_the_terminal(arguments: tuple[str, ...], width: str) -> None:
    lines = call(*arguments, width=width).output.splitlines()
    assert [line for line in lines if cell_len(line) > int(width)] == []


def test_a_narrow_terminal_gets_blocks_with_the_same_words() -> None:
    wide, narrow = (re.sub(r"[\s─]+", "", call("show", KEY, width=width).output) for width in (WIDE, NARROW))
    assert "依据citation:000main25" in narrow
    assert "依据citation:" not in wide


def test_a_misspelt_key_ends_with_what_is_like_it() -> None:
    result = call("show", "result.publicity_days")
    assert (result.exit_code, KEY in result.output) == (1, True)
    assert "org.filing.authority" in call("explain", "org.filing").output
    assert "similar" not in call("show", "zzzzzzzzzz").output


def test_a_pack_that_is_not_there() -> None:
    result = call("show", KEY, "--pack", "atlantis")
    assert (result.exit_code, "没有名为“atlantis”的规则包" in result.output) == (1, True)
    (fault,) = json.loads(call("show", KEY, "--pack", "atlantis", "--json").output)
    assert (fault["kind"], fault["key"]) == ("no_pack", "atlantis")


def test_wrong_usage() -> None:
    assert call("show").exit_code == 2
    assert call("list", "--packs", "/nowhere/at/all").exit_code == 2
    assert call("validate", "/nowhere/at/all").exit_code == 2


# --- explain --------------------------------------------------------------------


def test_explain_traces_the_layers(write: Writes, head_text: Head) -> None:
    own = write(
        {
            "own/low/pack.toml": head_text("low", "jilin"),
            "own/low/v.toml": f'["{KEY}"]\nvalue = 7\ncite = ["900 1"]\n{REMARKS}',
            "own/high/pack.toml": head_text("high", "low"),
            "own/high/v.toml": 'not_regulated = ["room.theory.max_candidates"]',
        }
    )
    (traced,) = json.loads(call("explain", KEY, "--pack", "high", "--packs", own / "own", "--json").output)[
        "packs"
    ]
    assert [step["layer"] for step in traced["layers"]] == ["national", "jilin", "low", "high"]
    assert traced["layers"][2]["says"] == "7 个工作日 working days [900 1]"
    assert traced["layers"][3]["says"] == "未提及 not mentioned"
    assert traced["answer"]["origin"] == "low"
    text = flat(call("explain", KEY, "--pack", "high", "--packs", own / "own"))
    assert "high: 采用 taken from low" in text
    for remark in (
        "注 note: 注 a note",
        "the reason",
        "另一解 other reading: 9 个工作日 working days [900 2]",
    ):
        assert remark in text
    silent = flat(call("explain", "room.theory.max_candidates", "--pack", "high", "--packs", own / "own"))
    assert f"high: {wording.SILENT}" in silent


def test_explain_names_who_uses_a_parameter() -> None:
    key, users = next((key, users) for key in schema().parameters if (users := used_by(key)))
    assert users[0] in flat(call("explain", key, "--pack", "jilin"))
    assert not any(user.startswith(("parameters/", "packs/")) for user in users)
    file, _, lines = users[0].partition(":")
    assert key in (WHEEL.parent / file).read_text("utf-8").splitlines()[int(lines.split(",")[0]) - 1]


def test_explain_says_when_nobody_does() -> None:
    assert used_by("no.such.key") == []
    unused = next((key for key in schema().parameters if not used_by(key)), None)
    assert unused is None or "nothing in this wheel yet" in call("explain", unused, "--pack", "jilin").output


# --- diff -----------------------------------------------------------------------


def test_diff_shows_both_with_articles() -> None:
    result = call("diff", "jilin", "shandong-social", "--in", "room.")
    assert result.exit_code == 1
    assert "room.theory.kind" in result.output
    assert "000 A3 4(1)" in result.output
    assert "conditions of eligibility" not in result.output
    assert "bank." not in result.output


def test_diff_of_a_pack_with_itself_is_nothing() -> None:
    result = call("diff", "jilin", "jilin")
    assert (result.exit_code, "0 项不同" in result.output) == (0, True)


def test_diff_for_programs() -> None:
    shown = json.loads(call("diff", "jilin", "jilin-filing", "--json").output)
    a, b = pack_named("jilin", ()), pack_named("jilin-filing", ())

    def said(pack: Pack, key: str) -> object:
        answer = pack.answers.get(key)
        return answer and (answer.value, answer.only, answer.as_a_rule)

    differing = {key for key in schema().parameters if said(a, key) != said(b, key)}
    assert {row["key"] for row in shown["parameters"]} == differing
    assert any(row["jilin-filing"] is None for row in shown["parameters"])
    assert shown["conditions_differ"] == (a.conditions != b.conditions)


def test_diff_tells_of_conditions(write: Writes, head_text: Head) -> None:
    own = write({"p/pack.toml": head_text("p", "jilin"), "p/conditions.toml": "x = 1"})
    result = call("diff", "jilin", "p", "--packs", own)
    assert (result.exit_code, "conditions of eligibility differ" in result.output) == (1, True)


# --- validate -------------------------------------------------------------------


@pytest.mark.parametrize("place", [WHEEL, FOLDER, *sorted(each.parent for each in WHEEL.glob("*/pack.toml"))])
def test_everything_in_the_wheel_is_valid(place: Path) -> None:
    result = call("validate", place)
    assert (result.exit_code, result.output) == (0, f"{place}: 无误 no faults\n")
    assert json.loads(call("validate", place, "--json").output) == []


def test_every_file_of_the_wheel_is_valid_alone() -> None:
    for path in [*WHEEL.rglob("*.toml"), *FOLDER.glob("*.toml")]:
        assert call("validate", path).output == f"{path}: 无误 no faults\n"


@pytest.fixture
def faulty(write: Writes, head_text: Head) -> Path:
    """A folder of packs with one fault in each file."""
    return (
        write(
            {
                "own/p/pack.toml": head_text("p").replace("1.0", "x"),
                "own/p/v.toml": '["org.filling"]\nvalue = 1\n',
                "own/p/conditions.toml": "[conditions]\nzh = 1.5\n",
                "own/q/pack.toml": head_text("q", "r"),
                "own/s/pack.toml": head_text("s"),
            }
        )
        / "own"
    )


@pytest.mark.parametrize(
    ("place", "kinds"),
    [
        ("p/pack.toml", {"not_a_version"}),
        ("p/v.toml", {"unknown_parameter"}),
        ("q", {"unknown_extends"}),
        ("s", set()),
    ],
)
def test_faults_of_a_file_or_a_folder(faulty: Path, place: str, kinds: set[str]) -> None:
    result = call("validate", faulty / place, "--json")
    assert {each["kind"] for each in json.loads(result.output)} == kinds
    assert result.exit_code == (1 if kinds else 0)


def test_faults_of_conditions_are_told_alone_and_with_the_pack(faulty: Path) -> None:
    alone, whole = (
        {
            (each["kind"], each["line"])
            for each in json.loads(call("validate", faulty / place, "--json").output)
        }
        for place in ("p/conditions.toml", "p")
    )
    assert ("not_plain", 2) in alone
    assert ("missing_citation", 1) in alone
    assert alone < whole


def test_faults_of_a_folder_of_packs_are_told_at_once_for_people(faulty: Path) -> None:
    result = call("validate", faulty)
    assert result.exit_code == 1
    assert f"{faulty}/p/v.toml:1: org.filling: 没有名为“org.filling”的参数。" in result.output
    assert f"{faulty}/q/pack.toml:10: pack.extends: " in result.output


def test_packs_beside_may_be_extended(write: Writes, head_text: Head) -> None:
    own = write({"a/pack.toml": head_text("a"), "b/pack.toml": head_text("b", "a")})
    assert call("validate", own / "b").exit_code == 0
    assert call("validate", own / "b", "--packs", own).exit_code == 0


def test_a_faulty_schema(write: Writes) -> None:
    folder = write({"s/units.toml": "", "s/g.toml": "[k]\n", "s/h.toml": "[k]\n"}) / "s"
    assert len(json.loads(call("validate", folder, "--json").output)) > len(
        json.loads(call("validate", folder / "g.toml", "--json").output)
    )


def test_a_folder_without_packs(tmp_path: Path) -> None:
    result = call("validate", tmp_path)
    assert (result.exit_code, "there is no pack" in result.output) == (2, True)


# --- the command as a whole -----------------------------------------------------


def test_help_teaches() -> None:
    text = flat(call("--help"))
    for said in (
        "jiangheng-rules show result.publicity_working_days",
        "Exit codes: 0 done; 1",
        "2 wrong usage",
    ):
        assert said in text
    assert all(
        "Example" in call(name, "--help").output for name in ("list", "show", "explain", "diff", "validate")
    )


@pytest.mark.parametrize(("module", "names"), COMMANDS.items())
def test_each_command_is_found_in_the_module_that_is_named(module: str, names: tuple[str, ...]) -> None:
    for name in names:
        assert list(typer.main.get_group(build(name)).commands) == list(names)


def test_a_misspelt_command_is_told_of_the_others() -> None:
    everything = [name for names in COMMANDS.values() for name in names]
    assert list(typer.main.get_group(build("shw")).commands) == everything


def test_it_is_installed_as_a_command() -> None:
    command = Path(sys.executable).with_name("jiangheng-rules")
    done = subprocess.run([command, "show", KEY, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["key"] == KEY


def test_it_runs_as_a_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["jiangheng-rules", "show", KEY, "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out)["key"] == KEY


# --- words ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("t.flag", True, "是 yes"),
        ("t.flag", False, "否 no"),
        ("t.integer", 5, "5 日 days"),
        ("t.decimal", Decimal("1.50"), "1.5"),
        ("t.choice", "a", "甲 first"),
        ("t.choice", "gone", "gone"),
        ("t.choices", ("a", "b"), "· 甲 first\n· 乙 second"),
        ("t.choices", ("gone",), "· gone"),
        ("t.choices", (), "无 none"),
        ("t.text", Text("文", "text"), "文\ntext"),
        ("t.duration", Duration(3, "month"), "3 月 months"),
        ("t.record", {"size": 1, "way": "x"}, "数 size: 1\n法 way: 丙 third"),
        ("t.records", ({"size": 1}, {"size": 2}), "· 数 size: 1\n· 数 size: 2"),
    ],
)
def test_how_a_value_reads(small_schema: Schema, key: str, value: object, text: str) -> None:
    parameter = small_schema.parameters[key]
    assert wording.value_text(parameter.shape, value, small_schema) == text  # type: ignore[arg-type]


def test_an_inferred_value_says_so(small_schema: Schema) -> None:
    parameter = small_schema.parameters["t.flag"]
    answer = Answer("t.flag", True, ("1",), "p", inferred=True)
    assert wording.answer_text(parameter, answer, small_schema) == "（推断 inferred）\n是 yes"


LIMITED = f"""\
["{KEY}"]
value = 7
cite = ["900 1"]
only = ["employer"]
as_a_rule = true
"""


@pytest.fixture
def own(write: Writes, head_text: Head) -> Path:
    return write({"p/pack.toml": head_text("p", "jilin"), "p/v.toml": LIMITED})


def test_show_and_explain_say_for_whom_and_how_firmly_a_value_holds(own: Path) -> None:
    for command in ("show", "explain"):
        text = flat(call(command, KEY, "--pack", "p", "--packs", own))
        for said in ("仅适用于 only for: 用人单位 employer", "其他机构 otherwise: 5 个工作日", "as a rule"):
            assert said in text
    assert "taken from p（其他机构 others: jilin）" in text
    shown = json.loads(call("show", KEY, "--pack", "p", "--packs", own, "--json").output)["packs"]["p"]
    assert (shown["only"], shown["as_a_rule"]) == (["employer"], True)
    assert [(each["value"], each["origin"], each["only"]) for each in shown["otherwise"]] == [
        (5, "jilin", [])
    ]
    plainly = json.loads(call("show", KEY, "--pack", "jilin", "--json").output)["packs"]["jilin"]
    assert (plainly["only"], plainly["as_a_rule"], plainly["otherwise"]) == ([], False, [])


def test_a_limit_is_a_difference(own: Path) -> None:
    same = LIMITED.replace("value = 7", "value = 5")
    (own / "p" / "v.toml").write_text(same, "utf-8")
    result = call("diff", "jilin", "p", "--in", KEY, "--packs", own)
    assert result.exit_code == 1
    assert "only for: 用人单位" in flat(result)
    shown = json.loads(call("diff", "jilin", "p", "--in", KEY, "--packs", own, "--json").output)
    (row,) = shown["parameters"]
    assert row["p"] == {"value": 5, "cite": ["900 1"], "only": ["employer"], "as_a_rule": True}
    assert set(row["jilin"]) == {"value", "cite"}


def test_the_limits_of_a_value_read(small_schema: Schema) -> None:
    parameter = small_schema.parameters["t.flag"]
    silent = Answer("t.flag", True, ("1",), "p", only=("gone",), otherwise=(None,))
    assert list(wording.limits(parameter, silent, small_schema)) == [
        "仅适用于 only for: gone",
        f"其他机构 otherwise: {wording.SILENT}",
    ]


def test_what_a_parameter_may_be(small_schema: Schema) -> None:
    def lines(parameter: Parameter) -> str:
        return "\n".join(wording.parameter_lines(parameter))

    assert "整数 integer, 日 days, 1–10" in lines(small_schema.parameters["t.integer"])
    assert "数字 number, 0.5–" in lines(small_schema.parameters["t.decimal"])
    assert "  a: 甲 first" in lines(small_schema.parameters["t.choice"])
    assert "  way: 法 way · 单选 one option · 可省略 optional" in lines(small_schema.parameters["t.record"])


def test_numbers_are_not_rounded_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": Decimal("1.50"), "b": Path("x")})
    assert json.loads(capsys.readouterr().out) == {"a": "1.5", "b": "x"}
