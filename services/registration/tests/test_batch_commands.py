"""`jiangheng-registration` from the annual plan to the admission tickets, with the files of docs/examples."""

from __future__ import annotations

import json
import re
import shutil
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner, Result

from jiangheng.chassis.canonical import digest
from jiangheng.registration.command import app
from jiangheng.registration.command.shared import id_of

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
CODE = "91220101MA0Y00003N"
SITE = id_of("site", CODE, "示例实训基地")
BATCH = id_of("batch", CODE, 2026, 1)


class Terminal:
    """The commands, run by persons of the story; each is known by his role."""

    def __init__(self, counter: Any, key_file: Path) -> None:
        self._counter = counter
        self._key = ("--key-file", str(key_file), "--yes")
        office = counter.office
        self.people = {
            "affairs": office.holder("zhao", "exam_affairs_officer", institution=CODE),
            "clerk": office.holder("chu", "registration_clerk", institution=CODE),
            "reviewer": office.holder("wei", "qualification_reviewer", institution=CODE),
            "head": counter.signing(office.holder("shen", "institution_head", institution=CODE)),
            "plans": counter.signing(office.holder("yang", "plan_officer", region="22")),
            "centre": office.holder("zhu", "appraisal_centre_officer", region="22"),
        }

    def run(self, who: str, *arguments: str) -> Result:
        environment = {
            "JIANGHENG_REGISTRATION": self._counter.target,
            "JIANGHENG_TOKEN": self._counter.token(self.people[who]),
        }
        return CliRunner().invoke(app, list(arguments), env=environment)

    def does(self, who: str, *arguments: str) -> str:
        """What the command prints; it must end well."""
        result = self.run(who, *arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def signs(self, who: str, *arguments: str) -> str:
        return self.does(who, *arguments, *self._key)

    def confirmed(self) -> None:
        """Bring the batch of the examples to its confirmation."""
        self.does("affairs", "site", "save", str(EXAMPLES / "site.toml"))
        self.does("plans", "site", "approve", SITE)
        self.does("affairs", "plan", "save", str(EXAMPLES / "plan.toml"))
        self.does("affairs", "plan", "submit", CODE, "2026")
        self.signs("plans", "plan", "confirm", CODE, "2026")
        self.does("affairs", "batch", "save", str(EXAMPLES / "batch.toml"))
        self.does("affairs", "batch", "submit", BATCH)
        self.signs("plans", "batch", "confirm", BATCH)


@pytest.fixture
def terminal(counter: Any, tmp_path: Path) -> Terminal:
    counter.office.file(CODE)
    path = tmp_path / "key.pem"
    path.write_bytes(counter.person_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return Terminal(counter, path)


def test_from_the_annual_plan_to_the_admission_tickets(terminal: Terminal, tmp_path: Path) -> None:
    terminal.confirmed()
    shown = terminal.does("affairs", "batch", "show", BATCH)
    assert "已确认 confirmed  测试 TEST" in shown
    assert "规则包 rules" in shown
    assert "理论知识考试  2026-04-10 09:00 – 10:30" in shown
    entered = terminal.does("clerk", "application", "save", BATCH, str(EXAMPLES / "applications"), "--submit")
    assert "已提交 submitted 2" in entered
    for line in terminal.does("reviewer", "application", "list", BATCH, "--json").splitlines():
        one = json.loads(line)
        checks = [f"{paper['kind']}=原件" for paper in one["form"]["papers"]] + ["candidate_promise=原件"]
        options = [word for check in checks for word in ("--checked", check)]
        told = terminal.does("reviewer", "application", "review", one["application_id"], "approve", *options)
        assert "审核通过 approved" in told
        assert "规则判定 finding" in told
        assert "000 A1 附 二" in told
    assert "已上报 uploaded" in terminal.signs("head", "batch", "upload", BATCH)
    assert "sample of 1" in terminal.does("centre", "batch", "sample", BATCH, "--size", "1")
    assert "已核定 cleared" in terminal.does("centre", "batch", "clear", BATCH)
    assert re.search(r"seats +4\n", terminal.does("affairs", "seating", "arrange", BATCH))
    seats = terminal.does("affairs", "seating", "list", BATCH).splitlines()
    assert sum("301" in seat and "座位 seat" in seat for seat in seats) == 2
    assert sum("W1" in seat and "第1批 turn" in seat for seat in seats) == 2
    assert "tickets: 2" in terminal.does("affairs", "seating", "tickets", BATCH)
    out = tmp_path / "ticket.pdf"
    application = seats[0].split()[-1]
    assert str(out) in terminal.does("affairs", "seating", "ticket", application, "--out", str(out))
    assert out.read_bytes().startswith(b"%PDF")


def test_a_folder_is_entered_again_without_harm(terminal: Terminal, tmp_path: Path) -> None:
    """What is in stays, what was changed is changed, and each that is refused is named with its reason."""
    terminal.confirmed()
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    folder = tmp_path / "examples" / "applications"
    first, second = sorted(folder.iterdir())
    wrong = second.read_text().replace('condition = "4.2"', 'condition = "9.9"')
    second.write_text(wrong)
    (folder / "003.toml").write_text("nonsense")
    enter = ("application", "save", BATCH, str(folder), "--submit")
    result = terminal.run("clerk", *enter)
    assert result.exit_code == 1
    assert "已提交 submitted 1  被拒绝 refused 1  无法读取 unreadable 1" in result.stderr
    assert f"{second.name}: " in result.stderr
    assert "REG-097" in result.stderr
    second.write_text(wrong.replace("9.9", "4.2"))
    (folder / "003.toml").unlink()
    assert "已提交 submitted 1  无变化 unchanged 1" in terminal.does("clerk", *enter)
    assert "无变化 unchanged 2" in terminal.does("clerk", *enter)
    first.write_text(first.read_text().replace("13900000101", "13900000109"))
    changed = terminal.run("clerk", *enter)
    assert (changed.exit_code, first.name in changed.stderr) == (1, True)
    assert len(terminal.does("clerk", "application", "list", BATCH).splitlines()) == 2


def test_what_is_returned_is_mended_and_confirmed(terminal: Terminal) -> None:
    terminal.does("affairs", "plan", "save", str(EXAMPLES / "plan.toml"))
    terminal.does("affairs", "plan", "submit", CODE, "2026")
    returned = terminal.does("plans", "plan", "return", CODE, "2026", "--reason", "人数请核对")
    assert "已退回 returned" in returned
    assert "人数请核对" in returned
    terminal.does("affairs", "site", "save", str(EXAMPLES / "site.toml"))
    terminal.does("plans", "site", "approve", SITE)
    terminal.does("affairs", "batch", "save", str(EXAMPLES / "batch.toml"))
    terminal.does("affairs", "batch", "submit", BATCH)
    assert "时间请核对" in terminal.does("plans", "batch", "return", BATCH, "--reason", "时间请核对")
    terminal.does("affairs", "batch", "submit", BATCH)
    told = terminal.signs("plans", "batch", "confirm", BATCH)
    # No confirmed annual plan names what the batch assesses.
    assert "已确认 confirmed" in told
    assert "REG-042" in terminal.does("affairs", "batch", "show", BATCH)
    assert "已停用 suspended" in terminal.does("plans", "site", "suspend", SITE, "--reason", "消防整改")


def test_the_rules_of_a_batch_are_those_of_its_digest(terminal: Terminal) -> None:
    assert terminal.run("affairs", "batch", "pack", BATCH).exit_code == 1
    terminal.confirmed()
    bound = json.loads(terminal.does("affairs", "batch", "show", BATCH, "--json"))["pack"]
    document = json.loads(terminal.does("affairs", "batch", "pack", BATCH))
    content = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert digest(content) == b64decode(bound["digest"])


def test_withdrawn_and_late_and_what_the_terminal_says_of_wrong_words(terminal: Terminal) -> None:
    terminal.confirmed()
    one = sorted((EXAMPLES / "applications").iterdir())[0]
    page = terminal.does("clerk", "application", "save", BATCH, str(one))
    assert "草稿 draft" in page
    assert "冯嘉睿" in page
    application = id_of("application", BATCH, one.stem)
    terminal.does("clerk", "application", "submit", application)
    wrong = terminal.run(
        "reviewer", "application", "review", application, "approve", "--checked", "work_proof"
    )
    assert (wrong.exit_code, "kind=" in wrong.stderr) == (2, True)
    doubt = ("application", "review", application, "further_check", "--note", "请补签章")
    assert "待核实 further_check" in terminal.does("reviewer", *doubt)
    gone = terminal.does("clerk", "application", "withdraw", application, "--reason", "本人申请")
    assert "已撤回 withdrawn" in gone
    assert terminal.does("clerk", "application", "list", BATCH, "--state", "draft") == ""
    late = terminal.does("plans", "batch", "allow-late", BATCH, "--reason", "系统故障")
    assert "系统故障" in late
    refused = terminal.run("head", "batch", "allow-late", BATCH, "--reason", "x")
    assert (refused.exit_code, "IAM-002" in refused.stderr) == (1, True)


def test_nobody_signs_without_seeing_and_agreeing(terminal: Terminal) -> None:
    terminal.does("affairs", "plan", "save", str(EXAMPLES / "plan.toml"))
    terminal.does("affairs", "plan", "submit", CODE, "2026")
    unasked = terminal.run("plans", "plan", "confirm", CODE, "2026", *terminal._key[:2])
    assert unasked.exit_code == 1
    assert "6-31-01-03" in unasked.stderr
    assert "签名并确认" in unasked.stderr
    assert "已提交 submitted" in terminal.does("plans", "plan", "show", CODE, "2026")
