"""`jiangheng-identity` against a running server: as operators use it, and what it never shows."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jiangheng.chassis.clocks import FixedClock
from jiangheng.identity.command import app
from jiangheng.identity.commands.console import moment
from jiangheng.identity.operations import bootstrap

PASSWORD = "correct horse battery"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite only: nothing here reaches a database but through the server."""
    return f"sqlite:///{tmp_path / 'command.db'}"


@pytest.fixture
def clock() -> FixedClock:
    """The command compares the expiry of tokens with the machine's own time."""
    return FixedClock(datetime.now(UTC))


class Operator:
    """Somebody at a terminal: a state folder of his own, secrets on standard input."""

    def __init__(self, served: Any, folder: Path, patch: pytest.MonkeyPatch, read: Callable[[], Any]) -> None:
        self.session = folder / "state" / "session.json"
        self._options = ["--json", "--target", served.target, "--session", str(self.session)]
        self._patch, self._read = patch, read
        self.error = ""

    def runs(self, *arguments: str, secrets: str = "", code: int = 0) -> Any:
        """Run a command; its JSON answer, after looking at the exit code."""
        self._patch.setattr(sys, "stdin", io.StringIO(secrets))
        with pytest.raises(SystemExit) as ended:
            app([*self._options, *arguments])
        said = self._read()
        self.error = said.err
        assert ended.value.code == code, said.err
        return json.loads(said.out) if said.out else json.loads(said.err)

    def logs_in(self, login: str) -> None:
        self.runs("login", "--login", login, "--password-stdin", secrets=f"{PASSWORD}\n")


@pytest.fixture
def operator(
    served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Operator:
    return Operator(served, tmp_path, monkeypatch, capsys.readouterr)


@pytest.fixture
def admin(operator: Operator, served: Any) -> Operator:
    served.world.activated("admin.one", "identity_administrator")
    operator.logs_in("admin.one")
    return operator


def test_the_way_from_bootstrap_to_an_active_key(operator: Operator, served: Any, tmp_path: Path) -> None:
    world = served.world
    code = bootstrap.make_code(world.identity)
    operator.runs(
        *("bootstrap", "--login", "zhao.admin", "--name", "赵明", "--password-stdin"),
        secrets=f"{code}\n220102198503120019\n{PASSWORD}\n",
    )
    operator.logs_in("zhao.admin")
    ids = {}
    for number, login in enumerate(("qian", "sun", "li.qiang")):
        added = operator.runs(
            *(
                "person",
                "add",
                "--login",
                login,
                "--name",
                "某人",
                "--document-type",
                "passport",
                "--number-stdin",
            ),
            secrets=f"E1234567{number}\n",
        )
        ids[login] = added["person_id"]
        secrets = f"{added['activation_code']}\n{PASSWORD}\n"
        operator.runs("activate", "--login", login, "--password-stdin", secrets=secrets)
    given = operator.runs("grant", "give", ids["qian"], "filing_officer", "--region", "22")
    for login in ("sun", "li.qiang"):
        operator.runs("grant", "give", ids[login], "key_approver")
    shown = operator.runs("person", "show", ids["qian"])
    assert [grant["grant_id"] for grant in shown["grants"]] == [given["grant_id"]]
    assert len(operator.runs("person", "list")["persons"]) == 4
    key_file = tmp_path / "qian.pem"
    operator.runs("key", "generate", "--out", str(key_file), "--passphrase-stdin", secrets="swordfish\n")
    assert key_file.stat().st_mode & 0o777 == 0o600
    operator.logs_in("qian")
    proposed = operator.runs(
        "key", "propose", "--key", str(key_file), "--passphrase-stdin", secrets="swordfish\n"
    )
    for login in ("sun", "li.qiang"):
        operator.logs_in(login)
        [waiting] = operator.runs("key", "list", "--waiting")["keys"]
        assert waiting["key_id"] == proposed["key_id"]
        operator.runs("key", "approve", proposed["key_id"])
    world.passes(days=1)
    assert world.token("qian").key_id == proposed["key_id"]
    operator.runs("key", "revoke", proposed["key_id"], "--reason", "丢失", code=3)  # a day later: logged out
    operator.logs_in("sun")
    operator.runs("key", "revoke", proposed["key_id"], "--reason", "丢失")
    assert world.token("qian").key_id == ""


def test_exit_codes_tell_why(admin: Operator, served: Any) -> None:
    person = served.world.activated("qian", "filing_officer")
    conflict = admin.runs("grant", "give", person, "examiner", "--region", "22", code=4)
    assert (conflict["rule"], conflict["clause"]) == ("X09", "000 A7 6")
    admin.runs("person", "show", "nobody", code=5)
    assert admin.runs("grant", "give", person, "auditor", code=7)["field"] == "region"
    admin.runs("key", "approve", "none", code=4)
    add = ("person", "add", "--login", "new.login", "--name", "某人", "--number-stdin")
    admin.runs(*add, secrets="110101199003070070\n")
    again = admin.runs(*add, secrets="110101199003070070\n", code=6)
    assert again["rule"] == "IAM-001"
    assert "110101199003070070" not in admin.error
    admin.runs("login", "--login", "qian", "--password-stdin", secrets="wrong password\n", code=3)


def test_when_the_server_is_away(operator: Operator, tmp_path: Path) -> None:
    operator._options[2] = "127.0.0.1:1"
    problem = operator.runs("login", "--login", "qian", "--password-stdin", secrets="x\n", code=8)
    assert problem["code"] == "unavailable"


def test_nobody_is_logged_in(operator: Operator) -> None:
    assert operator.runs("person", "list", code=3)["code"] == "not-logged-in"
    assert operator.runs("logout") == {"ended": False}


def test_a_log_in_is_kept_privately_and_ended(admin: Operator) -> None:
    kept = json.loads(admin.session.read_text())
    assert admin.session.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in admin.session.read_text()
    assert admin.runs("logout") == {"ended": True}
    assert not admin.session.exists()
    admin.session.write_text(json.dumps({**kept, "access_expires": 0.0}))
    assert admin.runs("person", "list", code=3)["code"] == "refresh-refused"


def test_commands_at_once_share_one_log_in(admin: Operator, served: Any) -> None:
    kept = json.loads(admin.session.read_text())
    admin.session.write_text(json.dumps({**kept, "access_expires": 0.0}))
    command = [str(Path(sys.executable).with_name("jiangheng-identity")), *admin._options, "person", "list"]

    def run(_: int) -> int:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, range(3))) == [0, 0, 0]
    assert served.world.facts("refusal.recorded.v1") == []


def test_a_token_for_another_service(admin: Operator, served: Any) -> None:
    token = admin.runs("token", "--audience", "supervision")["access_token"]
    assert served.world.verified(token, "supervision").kind == "person"
    admin.runs("person", "list")


def test_a_password_is_changed(admin: Operator) -> None:
    admin.runs("password", "--password-stdin", secrets=f"{PASSWORD}\nanother horse battery\n")
    admin.runs("login", "--login", "admin.one", "--password-stdin", secrets=f"{PASSWORD}\n", code=3)
    admin.runs("login", "--login", "admin.one", "--password-stdin", secrets="another horse battery\n")


def test_persons_are_reset_and_grants_end(admin: Operator, served: Any) -> None:
    person = served.world.activated("qian")
    given = admin.runs(
        *("grant", "give", person, "examiner", "--region", "22"),
        *("--from", "2030-01-01", "--until", "2031-01-01T08:00:00Z"),
    )
    assert (given["valid_from"], given["valid_until"]) == ("2029-12-31T16:00:00Z", "2031-01-01T08:00:00Z")
    admin.runs("grant", "end", given["grant_id"], "--reason", "调岗")
    admin.runs("grant", "end", given["grant_id"], "--reason", "调岗", code=6)
    code = admin.runs("person", "reset", person)["activation_code"]
    admin.runs("activate", "--login", "qian", "--password-stdin", secrets=f"{code}\n{PASSWORD} two\n")


def test_a_service_is_registered(admin: Operator, tmp_path: Path) -> None:
    public = Ed25519PrivateKey.generate().public_key()
    file = tmp_path / "subscriber.pem"
    file.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    register = ("service", "register", "subscriber-22", "--public-key", str(file))
    admin.runs(*register, "--scope", "feed.read")
    assert admin.runs(*register, "--scope", "identity.grant.manage", code=7)["field"] == "scopes"


def test_keys_are_not_overwritten_and_want_their_passphrase(admin: Operator, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    generate = ("key", "generate", "--out", str(file), "--passphrase-stdin")
    admin.runs(*generate, secrets="swordfish\n")
    before = file.read_bytes()
    assert admin.runs(*generate, secrets="swordfish\n", code=7)["field"] == "out"
    assert file.read_bytes() == before
    assert b"ENCRYPTED" in before
    propose = ("key", "propose", "--key", str(file), "--passphrase-stdin")
    assert admin.runs(*propose, secrets="guess\n", code=7)["field"] == "key"


def test_dates_are_chinas() -> None:
    assert moment("", "from") is None
    assert moment("2026-03-02", "from") == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert moment("2026-03-02T08:00+00:00", "from") == datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize("command", [(), ("person",), ("grant", "give"), ("key", "generate"), ("bootstrap",)])
def test_help_teaches(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app([*command, "--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "Usage" in said
    assert "--password " not in said
