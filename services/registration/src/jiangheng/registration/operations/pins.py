"""The policy packs that batches are bound to, read from what was kept at the confirmation (REG-035).

What is kept is the whole pack; a batch is judged by what of it holds for the kind of its institution: annex 2
of 000, say, binds social evaluation only (000 A2 2).
"""

from __future__ import annotations

import json
from functools import lru_cache

from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem, invalid, wrong_state
from jiangheng.registration.domain.batch import Batch, PinnedPack
from jiangheng.registration.domain.dossier import InstitutionKind
from jiangheng.registration.domain.kinds import heard_by
from jiangheng.registration.store import batches, institutions
from jiangheng.rules.faults import BadPack
from jiangheng.rules.pack import Pack, canonical, pack_named, pack_names


def pack_of(tx: Tx, found: Batch) -> Pack:
    """The rules of a confirmed batch: what the officer signed for, as it holds for the institution.

    Raises Problem WRONG_STATE before the confirmation.
    """
    if found.pack is None:
        zh, en = "批次尚未确认。", "the batch is not confirmed yet"
        raise wrong_state(found.state.value, zh, en, rule="REG-052", clause="004 S三(一)")
    document = batches.pinned_document(tx, found.pack.digest)
    return _read(document, institutions.kind_of(tx, found.credit_code))


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
def _read(document: str, kind: InstitutionKind | None) -> Pack:
    # A document is never changed, and reading it costs more than everything that is asked of it.
    return heard_by(kind, Pack.from_document(json.loads(document)))


def _no_such_pack() -> Problem:
    zh, en = "没有该规则包。", "there is no such policy pack"
    return invalid("plan.pack_id", zh, en, rule="REG-035", code="no-such-pack")
