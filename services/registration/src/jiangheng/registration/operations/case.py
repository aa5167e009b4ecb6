"""One step in the case of an institution: whether it may be taken, and what is written down.

Every step but the saving of a draft goes through `take`, so that none can
forget the owner, the history of the case, the repetition or the fact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from google.protobuf.message import Message

from jiangheng.chassis.auth import Caller, Owner
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem, forbidden, invalid, not_found
from jiangheng.chassis.outbox import Fact
from jiangheng.registration import store
from jiangheng.registration.domain.faults import text_fault
from jiangheng.registration.domain.institution import DECIDING, Act, Institution, refuse_own_case
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import Step

APPLY = "registration.filing.apply"
DECIDE = "registration.filing.decide"
READ = "registration.institution.read"

MAX_GROUND = 2000


# What a step makes of the institution as found, and the message that says so to others.
Change = Callable[[Tx, Institution], tuple[Institution, Message]]


def take(
    runtime: RegistrationRuntime, caller: Caller, step: Step, change: Change, *, states: str
) -> Institution:
    """Take one step and state its fact, of type `states`.

    Asked again by the same person for the same step, answer how things stand.

    Raises Problem NOT_FOUND, FORBIDDEN (owner; FILING-SELF), WRONG_STATE, and
    whatever the change refuses; then nothing is changed.
    """
    with runtime.db.write() as tx:
        found = _found(runtime, tx, caller, step)
        if step.revision < found.revision and store.taken(tx, step, caller.id):
            return found
        state = found.after(step.act, step.revision)
        made, message = change(tx, found)
        changed = replace(made, state=state, revision=found.revision + 1)
        write(runtime, tx, caller, step, found, changed)
        fact = Fact(states, step.credit_code, message, region=changed.dossier.division)
        runtime.state(tx, fact, caller.actor)
    return changed


def write(
    runtime: RegistrationRuntime, tx: Tx, caller: Caller, step: Step, found: Institution, changed: Institution
) -> None:
    """Put the change in place of what was found, and the act into the history of the case."""
    store.change(tx, runtime.cipher, found, changed)
    store.record(tx, step, caller.id, changed.dossier_digest, runtime.legal_clock.now())


def refuse_stranger(caller: Caller, found: Institution, act: Act) -> None:
    """The Guard has looked at the owner before; between then and now the draft may have moved.

    Raises Problem FORBIDDEN under IAM-011 or IAM-012.
    """
    deciding = act in DECIDING
    owner = Owner(found.credit_code, found.dossier.division)
    if not caller.covers(owner, DECIDE if deciding else APPLY):
        raise _stranger("IAM-011" if deciding else "IAM-012")


def stored(runtime: RegistrationRuntime, tx: Tx, credit_code: str, *, lock: bool = False) -> Institution:
    """The institution as it stands; Problem NOT_FOUND if there is none."""
    found = store.find(tx, runtime.cipher, credit_code, lock=lock)
    if found is None:
        raise not_found(
            "没有该机构的备案材料。", "there is no dossier of this institution", field="credit_code"
        )
    return found


def checked_ground(ground: str, field: str) -> str:
    """The reason, without the space around it; Problem INVALID if there is none or it is too long."""
    text = ground.strip()
    if not text:
        raise invalid(field, "应当写明原因。", "a reason is needed", rule="REG-011", clause="002 9")
    problem = text_fault(field, text, MAX_GROUND, lines=True)
    if problem:
        raise problem
    return text


def _found(runtime: RegistrationRuntime, tx: Tx, caller: Caller, step: Step) -> Institution:
    found = stored(runtime, tx, step.credit_code, lock=True)
    refuse_stranger(caller, found, step.act)
    if step.act in DECIDING:
        refuse_own_case(store.applicants(tx, step.credit_code), caller.id)
    return found


def _stranger(rule: str) -> Problem:
    return forbidden(
        rule,
        "该机构不在您的授权范围内。",
        "this institution is beyond the caller's grants",
        clause="IAM-011, IAM-012",
    )
