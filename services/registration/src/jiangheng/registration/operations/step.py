"""One step in a case: whether it may be taken, and what is written down.

Every act goes through `take`, the saving of drafts through `save`, so that none can forget the owner, the
separation of duties, the history, the repetition or the fact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, Protocol, Self, TypeVar

from google.protobuf.message import Message

from jiangheng.chassis.auth import Caller, Owner
from jiangheng.chassis.db import Tx
from jiangheng.chassis.errors import Problem, exists, forbidden, invalid, not_found
from jiangheng.chassis.outbox import Fact
from jiangheng.registration.domain.course import Course
from jiangheng.registration.domain.refusal import text_fault
from jiangheng.registration.runtime import RegistrationRuntime
from jiangheng.registration.store import steps
from jiangheng.registration.store.steps import Step

MAX_GROUND = 2000


class Case(Protocol):
    """What is common to all records that take a course."""

    @property
    def id(self) -> str: ...
    @property
    def credit_code(self) -> str: ...
    @property
    def division(self) -> str: ...
    @property
    def state(self) -> Any: ...
    @property
    def revision(self) -> int: ...
    @property
    def digest(self) -> bytes: ...
    def moved(self, state: Any, revision: int) -> Self: ...
    def rewritten(self, fresh: Self) -> Self: ...


C = TypeVar("C", bound=Case)


@dataclass(frozen=True)
class Docket(Generic[C]):
    """A kind of case: its course, and how its records are found (locked, if asked), added and changed.

    `add` is False if another was quicker; `change` raises Problem CONFLICT if the record is no longer as
    found.
    """

    course: Course[Any, Any]
    find: Callable[[RegistrationRuntime, Tx, str, bool], C | None]
    add: Callable[[RegistrationRuntime, Tx, C], bool]
    change: Callable[[RegistrationRuntime, Tx, C, C], None]


# What a step makes of the case as found, and the message that says so to others.
Change = Callable[[Tx, C], tuple[C, Message]]


def take(
    runtime: RegistrationRuntime,
    caller: Caller,
    docket: Docket[C],
    step: Step,
    change: Change[C],
    *,
    states: str,
) -> C:
    """Take one step and state its fact, of type `states`.

    Asked again by the same person for the same step, answer how things stand.

    Raises Problem NOT_FOUND, FORBIDDEN (owner; duties kept apart), WRONG_STATE, and whatever the change
    refuses; then nothing is changed.
    """
    with runtime.db.write() as tx:
        return take_within(runtime, tx, caller, docket, step, change, states=states)


def take_within(
    runtime: RegistrationRuntime,
    tx: Tx,
    caller: Caller,
    docket: Docket[C],
    step: Step,
    change: Change[C],
    *,
    states: str,
) -> C:
    """The same as a part of a transaction: where one act moves several cases."""
    found = stored(runtime, tx, docket, step.id, lock=True)
    refuse_person(tx, caller, docket.course, found, step.act)
    if step.revision < found.revision and steps.taken(tx, docket.course.noun, step, caller.id):
        return found
    state = docket.course.after(found.state, found.revision, step.act, step.revision)
    made, message = change(tx, found)
    changed = made.moved(state, found.revision + 1)
    _write(runtime, tx, caller, docket, step, found, changed)
    runtime.state(tx, Fact(states, step.id, message, region=changed.division), caller.actor)
    return changed


def save(
    runtime: RegistrationRuntime,
    caller: Caller,
    docket: Docket[C],
    fresh: C,
    act: Enum,
    allowed: Callable[[Tx, C], None] = lambda _tx, _found: None,
) -> C:
    """Begin a case with this draft or put the draft in place of its content; the same again changes nothing.

    A draft is nobody else's concern yet: no fact is stated. `allowed` refuses what is not the time or the
    place for a new draft or a change. Raises Problem WRONG_STATE once it may not be rewritten, FORBIDDEN or
    EXISTS if the id is another institution's.
    """
    with runtime.db.write() as tx:
        begun = docket.add(runtime, tx, fresh)
        if begun:
            _record(runtime, tx, caller, docket, Step(act, fresh.id, 0), fresh)
        found = stored(runtime, tx, docket, fresh.id, lock=True)
        refuse_person(tx, caller, docket.course, found, act)
        _refuse_other_owner(found, fresh)
        state = docket.course.after(found.state, found.revision, act, found.revision)
        if fresh.digest == found.digest and not begun:
            return found
        allowed(tx, found)
        if begun:
            return found
        changed = found.rewritten(fresh).moved(state, found.revision + 1)
        _write(runtime, tx, caller, docket, Step(act, found.id, found.revision), found, changed)
    return changed


def stored(runtime: RegistrationRuntime, tx: Tx, docket: Docket[C], id: str, *, lock: bool = False) -> C:
    """The case as it stands; Problem NOT_FOUND if there is none."""
    found = docket.find(runtime, tx, id, lock)
    if found is None:
        course = docket.course
        raise not_found(f"没有该{course.zh}。", f"there is no such {course.en}", code=f"no-{course.noun}")
    return found


def checked_ground(ground: str, field: str, *, rule: str, clause: str) -> str:
    """The reason, without the space around it; Problem INVALID if there is none or it is too long."""
    text = ground.strip()
    if not text:
        raise invalid(field, "应当写明原因。", "a reason is needed", rule=rule, clause=clause)
    problem = text_fault(field, text, MAX_GROUND, lines=True)
    if problem:
        raise problem
    return text


def refuse_person(tx: Tx, caller: Caller, course: Course[Any, Any], found: Case, act: Enum) -> None:
    """The Guard has looked at the owner before; between then and now the case may have moved."""
    if not caller.covers(Owner(found.credit_code, found.division), course.scopes[act]):
        raise _stranger("IAM-012" if act in course.own else "IAM-011")
    apart = course.apart.get(act)
    if apart is not None:
        course.refuse_doer(act, steps.doers(tx, course.noun, found.id, apart.acts), caller.id)


def _refuse_other_owner(found: Case, fresh: Case) -> None:
    if fresh.credit_code != found.credit_code:
        raise exists("该编号已被另一机构使用。", "the id is in use by another institution", rule="IAM-012")


def _write(
    runtime: RegistrationRuntime, tx: Tx, caller: Caller, docket: Docket[C], step: Step, found: C, changed: C
) -> None:
    """Put the change in place of what was found, and the act into the history of the case."""
    docket.change(runtime, tx, found, changed)
    _record(runtime, tx, caller, docket, step, changed)


def _record(
    runtime: RegistrationRuntime, tx: Tx, caller: Caller, docket: Docket[C], step: Step, changed: C
) -> None:
    at = runtime.legal_clock.now()
    steps.record(tx, docket.course.noun, step, caller.id, changed.digest, at)


def _stranger(rule: str) -> Problem:
    return forbidden(
        rule,
        "该事项不在您的授权范围内。",
        "this case is beyond the caller's grants",
        clause="IAM-011, IAM-012",
    )
