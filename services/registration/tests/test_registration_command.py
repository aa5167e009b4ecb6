"""`jiangheng-registration` as applicants and officers use it, against a running server."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner, Result

from jiangheng.api.registration.v1 import registration_pb2 as pb
from jiangheng.registration import tables
from jiangheng.registration.command import app
from jiangheng.registration.command.desk import Desk, NotAsShown
from jiangheng.registration.command.files import FileError
from jiangheng.registration.command.institution import completion, read
from jiangheng.registration.wire import institutions as wire

FORM = """
credit_code = "{code}"
name = "长春示例制造有限公司"
kind = "employer"
address = "长春市南关区示例路1号"
legal_representative = "何静"
contact_name = "吴晓"
contact_phone = "13900000001"
division = "220102"
truth_promised = true
signed_by_legal_representative = true

[[scopes]]
occupation_code = "6-31-01-03"
occupation_name = "电工"
level = 4
"""
PAPERS = ("application_form", "assessment_plan", "work_rules", "staff_rules", "certificate_rules")


@pytest.fixture
def code(office: Any) -> str:
    return str(office.code())


def write_dossier(folder: Path, code: str, papers: tuple[str, ...] = PAPERS, more: str = "") -> Path:
    """A dossier file with its papers beside it."""
    text = FORM.format(code=code) + more
    for kind in papers:
        (folder / f"{kind}.pdf").write_bytes(kind.encode())
        text += f'\n[[papers]]\nkind = "{kind}"\ntitle = "{kind}"\nfile = "{kind}.pdf"\n'
        text += 'occupation_code = "6-31-01-03"\n' if kind == "assessment_plan" else ""
    path = folder / "dossier.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def run(counter: Any) -> Any:
    """Runs a command as a person: `run(caller, "show", code)`."""

    def as_person(caller: Any, *arguments: str) -> Result:
        environment = {"JIANGHENG_REGISTRATION": counter.target, "JIANGHENG_TOKEN": counter.token(caller)}
        return CliRunner().invoke(app, ["institution", *arguments], env=environment)

    return as_person


@pytest.fixture
def key_file(counter: Any, tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    path.write_bytes(counter.person_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return path


@pytest.mark.requirement("REG-006")
@pytest.mark.requirement("REG-012")
def test_from_a_file_to_the_receipt(
    run: Any, counter: Any, office: Any, code: str, key_file: Path, tmp_path: Path
) -> None:
    applicant, officer = office.applicant(code), counter.signing(office.officer())
    for arguments, caller in (
        (("draft", str(write_dossier(tmp_path, code))), applicant),
        (("submit", code), applicant),
        (("return", code, "--reason", "缺页"), officer),
        (("submit", code), applicant),
        (("accept", code), officer),
    ):
        result = run(caller, *arguments)
        assert result.exit_code == 0, result.output
    assert "1. 备案申请表：application_form" in result.output
    assert "5. 证书核发与管理制度：certificate_rules" in result.output
    assert run(officer, "receipt", code).exit_code == 1
    filed = run(officer, "complete", code, "--key-file", str(key_file), "--yes", "--json")
    assert filed.exit_code == 0, filed.output
    assert json.loads(filed.stdout)["institution_code"] == "Y000022000001"
    receipt = run(applicant, "receipt", code).output
    for printed in (
        "备 案 回 执",
        "22-2026-Y000001",
        "Y000022000001",
        "长春示例制造有限公司",
        "2026-03-06",
        "电工",
    ):
        assert printed in receipt


def test_the_file_becomes_the_dossier_with_the_digests_of_its_papers(tmp_path: Path, office: Any) -> None:
    request = read(write_dossier(tmp_path, office.code()))
    assert request.credit_code == office.code()
    assert request.dossier.kind == pb.INSTITUTION_KIND_EMPLOYER
    plan = request.dossier.papers[1]
    assert (plan.kind, plan.occupation_code) == (pb.PAPER_KIND_ASSESSMENT_PLAN, "6-31-01-03")
    assert plan.digest == hashlib.sha256(b"assessment_plan").digest()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('adress = "x"\n', "adress"),
        ('kind = "club"\n', "dossier.toml"),
        ('[[papers]]\nkind = "work_rules"\ntitle = "t"\n', "one of file, sha256"),
        ('[[papers]]\nkind = "work_rules"\ntitle = "t"\nsha256 = "xyz"\n', "dossier.toml"),
        ('[[papers]]\nkind = "work_rules"\ntitle = "t"\nfile = "nowhere.pdf"\n', "nowhere.pdf"),
        ("nonsense", "dossier.toml"),
    ],
)
def test_a_faulty_file_is_named_and_nothing_is_sent(tmp_path: Path, more: str, said: str) -> None:
    path = tmp_path / "dossier.toml"
    path.write_text(f'credit_code = "x"\n{more}', encoding="utf-8")
    with pytest.raises(FileError, match=said):
        read(path)


def test_a_refusal_says_rule_and_clause_in_both_languages_and_ends_with_1(
    run: Any, office: Any, code: str, tmp_path: Path
) -> None:
    applicant = office.applicant(code)
    run(applicant, "draft", str(write_dossier(tmp_path, code, PAPERS[:3])))
    told = run(applicant, "submit", code)
    assert told.exit_code == 1
    assert "人员" in told.stderr
    assert "REG-006" in told.stderr
    assert "002 6(4)" in told.stderr
    assert "证书核发与管理制度" in told.stderr
    as_json = run(applicant, "submit", code, "--json")
    problem = json.loads(as_json.stderr)["problem"]
    assert (problem["rule"], problem["field"], problem["details"]["faults"]) == (
        "REG-006",
        "dossier.papers",
        "2",
    )


def test_a_revision_looked_at_is_not_exchanged_for_a_later_one(run: Any, office: Any, code: str) -> None:
    office.save(code)
    office.save(code, name="新名称")
    assert run(office.applicant(code), "submit", code, "--revision", "1").exit_code == 1
    assert run(office.applicant(code), "submit", code, "--revision", "2").exit_code == 0


def test_the_officer_signs_nothing_but_what_was_shown(counter: Any, office: Any, code: str) -> None:
    shown = wire.institution_to_wire(office.accept(office.submit(code)))
    token = counter.token(counter.signing(office.officer()))
    with Desk.at(counter.target, token, None) as desk:
        signed = desk.sign(completion(shown), counter.person_key)
        assert desk.ask(signed).institution.institution_code
    shown.dossier.name = "别的机构"
    with pytest.raises(NotAsShown):
        completion(shown)


def test_no_signature_is_made_without_a_key_or_a_yes(
    run: Any, counter: Any, office: Any, code: str, key_file: Path
) -> None:
    office.accept(office.submit(code))
    officer = counter.signing(office.officer())
    assert run(office.officer(), "complete", code, "--key-file", str(key_file), "--yes").exit_code == 2
    assert run(officer, "complete", code, "--key-file", str(key_file)).exit_code == 1
    key_file.chmod(0o644)
    open_to_all = run(officer, "complete", code, "--key-file", str(key_file), "--yes")
    assert (open_to_all.exit_code, "0600" in open_to_all.stderr) == (2, True)
    assert office.rows(tables.institution)[0]["state"] == "accepted"
    key_file.chmod(0o600)
    assert run(officer, "complete", code, "--key-file", str(key_file), "--yes").exit_code == 0


def test_a_list_shows_state_and_limit_of_what_is_within_reach(run: Any, office: Any) -> None:
    ours, theirs = office.code(1), office.code(2)
    office.accept(office.submit(ours))
    office.save(theirs, division="370102")
    lines = run(office.officer(), "list").output.splitlines()
    assert len(lines) == 1
    assert ours in lines[0]
    assert "已受理 accepted" in lines[0]
    # Its limit was in March of 2026, and the command goes by today.
    assert "OVERDUE" in lines[0]
    one = json.loads(run(office.officer("37"), "list", "--state", "draft", "--json").output)
    assert one["credit_code"] == theirs
    assert run(office.officer(), "list", "--state", "filed").output == ""


def test_without_target_or_server_the_command_says_so(run: Any, office: Any) -> None:
    nowhere = CliRunner().invoke(app, ["institution", "list"], env={"JIANGHENG_REGISTRATION": ""})
    assert (nowhere.exit_code, "--target" in nowhere.stderr) == (2, True)
    plain = CliRunner().invoke(app, ["institution", "list", "--target", "registration.example:443"])
    assert (plain.exit_code, "tls_ca" in plain.stderr) == (2, True)
