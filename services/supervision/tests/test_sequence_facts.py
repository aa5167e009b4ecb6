"""The sequencer: every fact once, one log, whoever is killed and whatever is tampered with."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from jiangheng.chassis import checkpoint, merkle
from jiangheng.chassis.envelope import envelope_json
from jiangheng.supervision import store
from jiangheng.supervision.domain.ledger import LedgerError, LedgerRewound
from jiangheng.supervision.kept import CheckpointFile
from jiangheng.supervision.operations.sequence_facts import sequence_facts

# Takes one fact in or puts the waiting ones on the log, and is gone in the middle of it: argv says where.
CHILD = """
import os, pathlib, sys
from datetime import UTC, datetime
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jiangheng.chassis import inbox
from jiangheng.chassis.clocks import MachineClock
from jiangheng.chassis.db import Database
from jiangheng.chassis.envelope import envelope_from_json
from jiangheng.supervision import kept, store
from jiangheng.supervision.events import routes
from jiangheng.supervision.ledger_runtime import LedgerRuntime
from jiangheng.supervision.operations import sequence_facts as sequencing

url, key, file, origin, step, when, envelope = sys.argv[1:]

def die(owner, name):
    whole = getattr(owner, name)
    def dying(*args, **kwargs):
        if when == "before":
            os._exit(9)
        whole(*args, **kwargs)
        os._exit(9)
    setattr(owner, name, dying)

def half(self, note):
    with open(file, "ab") as out:
        out.write(b'{"note": "half of i')
    os._exit(9)

if step == "half-a-line":
    kept.CheckpointFile.append = half
elif step:
    owner, name = step.rsplit(".", 1)
    die({"store": store, "CheckpointFile": kept.CheckpointFile}[owner], name)
clock = MachineClock()
db = Database(url, name="child")
key = load_pem_private_key(key.encode(), None)
runtime = LedgerRuntime("supervision", db, clock, clock, origin, key, kept.CheckpointFile(pathlib.Path(file)))
if envelope:
    with db.write() as tx:
        handle = routes(clock)[0].handle
        inbox.receive(tx, "supervision", envelope_from_json(envelope), handle, ordered=False, at=clock.now())
    os._exit(9)
sequencing.sequence_facts(runtime)
"""

STEPS = [
    ("store.due_facts", "after"),
    ("store.insert_entries", "before"),
    ("store.insert_entries", "after"),
    ("store.insert_nodes", "after"),
    ("store.insert_checkpoint", "after"),
    ("store.settle", "after"),
    ("CheckpointFile.append", "before"),
    ("half-a-line", "in the middle"),
    ("CheckpointFile.append", "after"),
]


@pytest.mark.requirement("IAM-017")
@pytest.mark.parametrize(("step", "when"), STEPS)
def test_a_sequencer_killed_at_any_step_leaves_a_log_that_goes_on(ledger: Any, step: str, when: str) -> None:
    ledger.record(ledger.facts(), ledger.facts(), ledger.facts())
    for _ in range(4):
        ledger.receive(ledger.facts())
    assert run_child(ledger, step, when) == 9
    ledger.receive(ledger.facts())
    while sequence_facts(ledger.runtime):
        pass
    assert_whole(ledger, facts=8)


@pytest.mark.parametrize("step", ["store.take_in", ""], ids=["before the commit", "after the commit"])
def test_a_consumer_killed_while_it_takes_a_fact_in_loses_and_doubles_nothing(ledger: Any, step: str) -> None:
    ledger.record(ledger.facts())
    fact = ledger.facts()
    assert run_child(ledger, step, "after", envelope_json(fact)) == 9
    ledger.record(fact, ledger.facts())
    assert_whole(ledger, facts=3)


def test_sequencers_at_once_make_one_log(ledger: Any, tmp_path: Path) -> None:
    total, batch = 120, 7
    for _ in range(total):
        ledger.receive(ledger.facts())
    failures: list[BaseException] = []

    def work(file: CheckpointFile) -> None:
        try:
            runtime = type(ledger.runtime)(**{**vars(ledger.runtime), "kept": file})
            while waiting(ledger):
                sequence_facts(runtime, batch)
        except BaseException as error:
            failures.append(error)

    files = [CheckpointFile(tmp_path / f"checkpoints-{number}.jsonl") for number in range(3)]
    threads = [threading.Thread(target=work, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    sequence_facts(ledger.runtime)
    assert_whole(ledger, facts=total)


def test_a_sequencer_that_was_overtaken_adds_nothing(ledger: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.record(ledger.facts())
    ledger.receive(ledger.facts())
    stale = latest_of(ledger)
    real = store.latest_checkpoint
    sequence_facts(ledger.runtime)
    ledger.receive(ledger.facts())
    answers = iter([stale, stale])
    monkeypatch.setattr(store, "latest_checkpoint", lambda tx: next(answers, None) or real(tx))
    ledger.runtime.kept.path.unlink()
    assert sequence_facts(ledger.runtime) == 0
    assert latest_of(ledger).size == 2
    assert sequence_facts(ledger.runtime) == 1
    assert_whole(ledger, facts=3)


def test_facts_are_put_on_the_log_in_the_order_they_were_taken_in(ledger: Any) -> None:
    envelopes = [ledger.facts() for _ in range(5)]
    for envelope in reversed(envelopes):
        ledger.receive(envelope)
    while sequence_facts(ledger.runtime, batch=2):
        pass
    with ledger.runtime.db.read() as tx:
        recorded = tx.execute(sa.select(store.entry.c.event_id).order_by(store.entry.c.log_index)).scalars()
        assert list(recorded) == [envelope.id for envelope in reversed(envelopes)]


def test_every_batch_is_kept_outside_the_database(ledger: Any, tmp_path: Path) -> None:
    ledger.record(ledger.facts())
    ledger.record(ledger.facts(), ledger.facts())
    assert sequence_facts(ledger.runtime) == 0
    assert (tmp_path / "checkpoints.jsonl").read_text().count("\n") == 2
    kept = open_note(ledger, ledger.runtime.kept.last())
    assert (kept.size, kept.root) == (3, latest_of(ledger).root)


@pytest.mark.requirement("IAM-017")
def test_a_database_restored_from_an_old_copy_is_noticed_and_not_added_to(
    ledger: Any, tmp_path: Path
) -> None:
    ledger.record(*(ledger.facts() for _ in range(3)))
    ledger.receive(ledger.facts())
    ledger.rewind(size=2)
    with pytest.raises(LedgerRewound, match="holds 2 entries"):
        sequence_facts(ledger.runtime)
    assert latest_of(ledger).size == 2


@pytest.mark.requirement("IAM-017")
def test_an_emptied_ledger_is_noticed(ledger: Any) -> None:
    ledger.record(ledger.facts())
    ledger.rewind(size=0)
    with pytest.raises(LedgerRewound, match="holds 0 entries"):
        sequence_facts(ledger.runtime)


@pytest.mark.requirement("IAM-017")
def test_a_rewritten_log_is_noticed_though_it_is_longer(ledger: Any) -> None:
    ledger.record(*(ledger.facts() for _ in range(3)))
    ledger.rewind(size=1)
    kept = ledger.runtime.kept.path
    aside = kept.rename(kept.with_suffix(".aside"))
    ledger.record(*(ledger.facts() for _ in range(5)))
    aside.rename(kept)
    with pytest.raises(LedgerRewound, match="first 3 entries"):
        sequence_facts(ledger.runtime)


def test_a_node_that_was_changed_is_noticed(ledger: Any) -> None:
    ledger.record(*(ledger.facts() for _ in range(4)))
    ledger.receive(ledger.facts())
    ledger.tamper(sa.update(store.node).where(store.node.c.level == 2).values(hash=bytes(32)))
    with pytest.raises(LedgerRewound):
        sequence_facts(ledger.runtime)


def test_a_node_that_is_gone_is_noticed(ledger: Any) -> None:
    ledger.record(*(ledger.facts() for _ in range(4)))
    ledger.tamper(sa.delete(store.node).where(store.node.c.level == 2))
    with pytest.raises(LedgerError, match="node 2/0"):
        sequence_facts(ledger.runtime)


def test_a_fact_that_was_changed_while_it_waited_is_not_put_on_the_log(ledger: Any) -> None:
    fact = ledger.facts()
    ledger.receive(fact)
    ledger.tamper(sa.update(store.intake).values(envelope=store.intake.c.envelope + " "))
    with pytest.raises(LedgerError, match=fact.id):
        sequence_facts(ledger.runtime)
    assert latest_of(ledger) is None


def test_a_checkpoint_file_that_was_edited_is_refused(ledger: Any, tmp_path: Path) -> None:
    ledger.record(*(ledger.facts() for _ in range(3)))
    file = tmp_path / "checkpoints.jsonl"
    file.write_text(file.read_text().replace("\\n3\\n", "\\n2\\n"))
    with pytest.raises(checkpoint.BadSignature):
        sequence_facts(ledger.runtime)


def run_child(ledger: Any, step: str, when: str, envelope: str = "") -> int:
    runtime = ledger.runtime
    key = runtime.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    arguments = [ledger.url, key, str(runtime.kept.path), runtime.origin, step, when, envelope]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments], timeout=60, capture_output=True, text=True
    )
    assert done.returncode in (0, 9), done.stderr
    return done.returncode


def assert_whole(ledger: Any, facts: int) -> None:
    """Each fact has one entry, the checkpoint is signed over exactly these leaves, and the file holds it."""
    with ledger.runtime.db.read() as tx:
        entries = tx.execute(sa.select(store.entry).order_by(store.entry.c.log_index)).all()
        taken_in = tx.execute(sa.select(store.intake.c.event_id)).scalars().all()
        waiting = tx.execute(sa.select(store.due)).all()
    assert [entry.log_index for entry in entries] == list(range(facts))
    assert sorted(entry.event_id for entry in entries) == sorted(taken_in)
    assert waiting == []
    tree = merkle.MemoryTree()
    tree.append([entry.leaf_hash for entry in entries])
    latest = latest_of(ledger)
    signed = open_note(ledger, latest.note)
    assert (signed.size, signed.root) == (latest.size, latest.root) == (facts, tree.root)
    assert ledger.runtime.kept.last() == latest.note


def open_note(ledger: Any, note: str) -> checkpoint.Checkpoint:
    key: Ed25519PrivateKey = ledger.runtime.key
    return checkpoint.parse_and_verify(note, key.public_key(), ledger.runtime.origin)


def latest_of(ledger: Any) -> Any:
    with ledger.runtime.db.read() as tx:
        return store.latest_checkpoint(tx)


def waiting(ledger: Any) -> bool:
    with ledger.runtime.db.read() as tx:
        return bool(store.due_facts(tx, 1))
