"""`jiangheng-evidence` against a real server and against files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from jiangheng.api import registry
from jiangheng.api.identity.v1.events_pb2 import KeyActivated
from jiangheng.api.registration.v1.events_pb2 import InstitutionFiled
from jiangheng.api.registration.v1.registration_pb2 import CompleteFilingRequest
from jiangheng.chassis import checkpoint
from jiangheng.chassis.acts import sign_act
from jiangheng.chassis.canonical import message_json
from jiangheng.supervision import store
from jiangheng.supervision.command import app
from jiangheng.supervision.evidence import LedgerKey
from jiangheng.supervision.evidence_file import verifier_key

COMPLETE_FILING = "/jiangheng.api.registration.v1.InstitutionService/CompleteFiling"
Run = Callable[..., Result]


@pytest.fixture
def run(served: Any, tmp_path: Path) -> Run:
    """The command, online, as a country-wide reader unless a token is given."""

    def invoke(*arguments: object, token: str | None = None, target: str | None = None) -> Result:
        environment = {"JIANGHENG_TOKEN": served.token("00") if token is None else token}
        words = [str(argument) for argument in arguments]
        online = [] if target == "" else ["--target", target or served.target]
        return CliRunner().invoke(app, [*words, *online], env=environment)

    return invoke


@pytest.fixture
def ledger_pub(served: Any, tmp_path: Path) -> Path:
    """What the ledger's operator has published."""
    runtime = served.ledger.runtime
    path = tmp_path / "ledger.pub"
    path.write_text(verifier_key(LedgerKey(runtime.key.public_key(), runtime.origin)))
    return path


@pytest.fixture
def filed(served: Any) -> Any:
    """A filing on the ledger, signed by an officer whose key is on the ledger."""
    officer = Ed25519PrivateKey.generate()
    event = registry.event_type("institution.filed.v1")
    fact = event.parse(event.example_json())
    assert isinstance(fact, InstitutionFiled)
    request = CompleteFilingRequest(
        credit_code=fact.credit_code, revision=fact.revision, dossier_digest=fact.dossier_digest
    )
    fact.signature.CopyFrom(sign_act(officer, "key-1", COMPLETE_FILING, request))
    public = officer.public_key().public_bytes_raw()
    key = KeyActivated(key_id="key-1", person_id="officer", public_key=public)
    facts = served.ledger.facts
    stated = facts("key.activated.v1", subject="key-1", region="00", data=message_json(key).decode())
    envelope = facts(
        "institution.filed.v1", subject="9122", actor="person:officer", data=message_json(fact).decode()
    )
    envelope.time.seconds += 60
    served.ledger.record(facts(), stated, envelope)
    served.ledger.record(facts())
    return envelope


def steps_of(result: Result) -> dict[int, bool | None]:
    (report,) = json.loads(result.stdout)
    return {step["number"]: step["holds"] for step in report["steps"]}


@pytest.mark.requirement("IAM-017")
def test_a_signed_act_is_verified_step_by_step(run: Run, filed: Any, ledger_pub: Path) -> None:
    result = run("verify", filed.id, "--key", ledger_pub)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == f"事件 fact {filed.id}: 成立 holds"
    assert [line.split()[0] for line in lines[1:6]] == ["1", "2", "3", "5", "6"]
    assert all("成立 holds" in line for line in lines[1:6])
    assert "key key-1 was not revoked" in result.stdout
    assert steps_of(run("verify", filed.id, "--json")) == {1: True, 2: True, 3: True, 5: True, 6: True}


def test_a_provincial_reader_is_told_what_he_could_not_check(run: Run, served: Any, filed: Any) -> None:
    result = run("verify", filed.id, "--json", token=served.token("22"))
    assert result.exit_code == 0
    assert steps_of(result) == {1: True, 2: True, 3: True, 5: None, 6: None}
    assert "own signature" in json.loads(result.stdout)[0]["owed"][-1]["en"]


def test_every_fact_about_a_subject_is_verified(run: Run, served: Any, filed: Any) -> None:
    served.ledger.record(served.ledger.facts(subject="9122"))
    result = run("verify", "--subject", "9122", "--json")
    assert result.exit_code == 0
    assert [report["holds"] for report in json.loads(result.stdout)] == [True, True]
    assert run("verify", "--subject", "nothing").exit_code == 1


@pytest.mark.requirement("IAM-017")
def test_saved_evidence_holds_without_a_network_and_a_changed_copy_does_not(
    run: Run, filed: Any, ledger_pub: Path, tmp_path: Path
) -> None:
    saved, forged = tmp_path / "filing.json", tmp_path / "forged.json"
    assert run("save", filed.id, "--into", saved).exit_code == 0
    forged.write_text(saved.read_text().replace("Y000022000001", "Y000022000002"))
    assert saved.read_text() != forged.read_text()
    command = [Path(sys.executable).with_name("jiangheng-evidence"), "verify", "--key", ledger_pub, "--file"]
    for file, code in ((saved, 0), (forged, 1)):
        done = subprocess.run(
            [*command, file], env={"LANG": "C.UTF-8"}, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == code, done.stdout + done.stderr
    cut = tmp_path / "cut.json"
    cut.write_text(saved.read_text()[:-10])
    assert run("verify", "--file", cut, "--key", ledger_pub, target="").exit_code == 1


def test_the_key_of_another_ledger_does_not_do(run: Run, filed: Any, tmp_path: Path) -> None:
    other = tmp_path / "other.pub"
    other.write_text(
        verifier_key(LedgerKey(Ed25519PrivateKey.generate().public_key(), "ledger.example/test"))
    )
    result = run("verify", filed.id, "--key", other, "--json")
    assert result.exit_code == 1
    assert steps_of(result)[1] is False


@pytest.mark.requirement("IAM-017")
@pytest.mark.parametrize("what", ["envelope", "salt", "leaf_hash", "deleted"])
def test_a_row_that_was_changed_or_deleted_is_detected(
    run: Run, served: Any, filed: Any, ledger_pub: Path, what: str
) -> None:
    row = store.intake.c.event_id == filed.id
    values = {
        "envelope": {"envelope": sa.func.replace(store.intake.c.envelope, "Y000022000001", "Y000022000002")},
        "salt": {"salt": bytes(16)},
    }
    if what == "deleted":
        entry = store.entry.c.event_id == filed.id
        statements = [
            sa.delete(store.entry).where(entry),
            sa.delete(store.due),
            sa.delete(store.intake).where(row),
        ]
    elif what == "leaf_hash":
        statements = [
            sa.update(store.entry).where(store.entry.c.event_id == filed.id).values(leaf_hash=bytes(32))
        ]
    else:
        statements = [sa.update(store.intake).where(row).values(**values[what])]
    served.ledger.tamper(*statements)
    assert run("verify", filed.id, "--key", ledger_pub).exit_code == 1


@pytest.mark.requirement("IAM-017")
def test_a_log_whose_leaf_was_exchanged_with_all_its_nodes_is_detected_by_who_kept_a_checkpoint(
    run: Run, served: Any, filed: Any, ledger_pub: Path, tmp_path: Path
) -> None:
    state = tmp_path / "checkpoint"
    assert run("watch", "--state", state, "--key", ledger_pub, "--once", token="").exit_code == 0
    assert run("verify", filed.id, "--key", ledger_pub, "--previous", state).exit_code == 0
    served.ledger.rewrite()
    envelope = served.ledger.facts()
    served.ledger.record(envelope)
    assert run("verify", envelope.id, "--key", ledger_pub).exit_code == 0
    result = run("verify", envelope.id, "--key", ledger_pub, "--previous", state, "--json")
    assert (result.exit_code, steps_of(result)[4]) == (1, False)
    watched = run("watch", "--state", state, "--key", ledger_pub, "--once", token="")
    assert watched.exit_code == 1
    assert "DOES NOT HOLD" in watched.stderr


def test_a_watcher_keeps_the_last_checkpoint(run: Run, served: Any, filed: Any, tmp_path: Path) -> None:
    state = tmp_path / "checkpoint"
    runtime = served.ledger.runtime
    for size in (4, 5):
        result = run("watch", "--state", state, "--once", token="")
        assert result.exit_code == 0
        note = state.read_text()
        assert checkpoint.parse_and_verify(note, runtime.key.public_key(), runtime.origin).size == size
        served.ledger.record(served.ledger.facts())


def test_a_watcher_notices_that_the_ledger_was_rewound(
    run: Run, served: Any, filed: Any, tmp_path: Path
) -> None:
    state = tmp_path / "checkpoint"
    run("watch", "--state", state, "--once")
    before = state.read_text()
    served.ledger.tamper(sa.delete(store.checkpoint).where(store.checkpoint.c.size == 4))
    result = run("watch", "--state", state, "--once")
    assert result.exit_code == 1
    assert "had 4 entries and has 3" in result.stderr
    assert state.read_text() == before


def test_a_watcher_waits_for_the_first_entry_and_notices_when_all_are_gone(
    run: Run, served: Any, tmp_path: Path
) -> None:
    state = tmp_path / "checkpoint"
    assert run("watch", "--state", state, "--once").exit_code == 0
    assert not state.exists()
    served.ledger.record(served.ledger.facts())
    assert run("watch", "--state", state, "--once").exit_code == 0
    served.ledger.rewind(0)
    result = run("watch", "--state", state)
    assert (result.exit_code, "is empty" in result.stderr) == (1, True)


def test_entries_are_listed(run: Run, filed: Any) -> None:
    lines = run("list").stdout.splitlines()
    assert len(lines) == 4
    assert [
        line.split()[2:4] for line in run("list", "--type", "institution.filed.v1").stdout.splitlines()
    ] == [["institution.filed.v1", "9122"]]
    (entry,) = (json.loads(line) for line in run("list", "--subject", "9122", "--json").stdout.splitlines())
    assert entry["envelope"]["id"] == filed.id


def test_the_token_can_stand_in_a_file(run: Run, served: Any, filed: Any, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(served.token("00") + "\n")
    assert run("list", "--token-file", file, token="").exit_code == 0
    refused = run("list", token="")
    assert (refused.exit_code, "token-missing" in refused.stderr) == (2, True)


def test_the_ledger_says_its_key(run: Run, filed: Any, ledger_pub: Path) -> None:
    assert run("key").stdout.strip() == ledger_pub.read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify",),
        ("verify", "x", "--subject", "y"),
        ("verify", "--file", "missing.json"),
        ("verify", "--file", "missing.json", "--key", "missing.pub"),
        ("verify", "x", "--key", "missing.pub"),
        ("save", "x"),
        ("list", "--token-file", "missing"),
        ("nonsense",),
    ],
)
def test_what_is_asked_for_wrongly_ends_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_ledger_that_is_away_is_not_a_ledger_that_lies(run: Run, filed: Any) -> None:
    assert run("verify", filed.id, target="127.0.0.1:1").exit_code == 2
    assert run("verify", filed.id, target="ledger.example:443").exit_code == 2
    assert run("verify", "3f0e8a1c-0000-4000-8000-000000000000").exit_code == 1
