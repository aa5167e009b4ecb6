"""The policy packs that batches are bound to, read from what was kept at the confirmation (REG-035)."""

from __future__ import annotations

import json
from functools import lru_cache

from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem, invalid, wrong_state
from jiangheng.registration.domain.batch import Batch, PinnedPack
from jiangheng.registration.store import batches
from jiangheng.rules.faults import BadPack
from jiangheng.rules.pack import Pack, canonical, pack_named, pack_names


def pack_of(tx: Tx, found: Batch) -> Pack:
    """The rules of a confirmed batch: exactly the content that the officer signed for.

    Raises Problem WRONG_STATE before the confirmation.
    """
    if found.pack is None:
        zh, en = "批次尚未确认。", "the batch is not confirmed yet"
        raise wrong_state(found.state.value, zh, en, rule="REG-052", clause="004 S三(一)")
    return _read(batches.pinned_document(tx, found.pack.digest))


def proposed(name: str) -> Pack:
    """The pack that a plan names, as it stands now. Raises Problem INVALID if there is none."""
    # What all packs rest on is nobody's rules by itself, and is not among the names.
    if name not in pack_names():
        raise _no_such_pack()
    try:
        return pack_named(name)
    except BadPack:
        raise _no_such_pack() from None


def pinned(pack: Pack) -> tuple[PinnedPack, str]:
    """What a batch keeps of a pack, and the content to be kept beside it."""
    document = canonical(pack.document()).decode()
    return PinnedPack(pack.id, pack.version, bytes.fromhex(pack.digest), pack.status), document


@lru_cache(maxsize=64)
def _read(document: str) -> Pack:
    # A document is never changed, and reading it costs more than everything that is asked of it.
    return Pack.from_document(json.loads(document))


def _no_such_pack() -> Problem:
    zh, en = "没有该规则包。", "there is no such policy pack"
    return invalid("plan.pack_id", zh, en, rule="REG-035", code="no-such-pack")
