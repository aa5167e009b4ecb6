"""Everything that can be wrong with the plan of a batch (000 A1 3-5, A3 11; 004 S三(一)).

Two questions, as for a dossier: may it be stored, and may it be submitted under
the policy pack that it names. Both look for all faults before they speak.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import cast
from uuid import UUID

from jiangheng.chassis.errors import Problem, invalid
from jiangheng.registration.domain import deadline
from jiangheng.registration.domain.batch import BatchPlan
from jiangheng.registration.domain.kinds import word_for
from jiangheng.registration.domain.plan import PlanLine, out_of_scope
from jiangheng.registration.domain.refusal import DIGEST_BYTES, explained, refuse, text_faults, too_many
from jiangheng.registration.domain.sitting_faults import Setting, sitting_faults
from jiangheng.rules import numbers, terms
from jiangheng.rules.deadlines import Clock
from jiangheng.rules.explanation import Explanation
from jiangheng.rules.pack import Pack
from jiangheng.rules.values import Text

MAX_SCOPES = 50
MAX_SITTINGS = 200
MAX_DOCUMENTS = 100
_TEXT = 200
# Of a year or a running number; far more than there ever will be.
_NUMBER = 1_000_000


def refuse_unstorable(id: str, plan: BatchPlan) -> None:
    """Raise Problem INVALID if it cannot even be a draft: its id, sizes, characters."""
    refuse(_unstorable(id, plan))


def refuse_incomplete(plan: BatchPlan, setting: Setting) -> None:
    """Raise Problem INVALID unless the plan is whole and lawful under its pack."""
    refuse(_incomplete(plan, setting))


def warnings(plan: BatchPlan, lines: Collection[PlanLine] | None) -> tuple[Explanation, ...]:
    """Scopes that no line of the confirmed annual plan names (REG-042; None: there is no such plan)."""
    planned = {(line.occupation_code, line.level) for line in lines or ()}
    return tuple(
        Explanation(
            zh=f"年度计划中没有{scope.occupation_code}（{scope.level}级）。",
            en=f"The confirmed annual plan has no line for {scope.occupation_code} at level {scope.level}.",
            rule="REG-042",
            clause="004 S二(二), N二",
        )
        for scope in plan.scopes
        if (scope.occupation_code, scope.level) not in planned
    )


def document_faults(plan: BatchPlan, pack: Pack) -> Iterator[Problem]:
    """Documents that the pack demands and the batch does not have (REG-057), and what names no file."""
    yield from too_many("documents", len(plan.documents), MAX_DOCUMENTS)
    yield from _document_texts("documents", plan)
    yield from _nameless("documents", plan)
    if not pack.regulates("batch.upload_documents"):
        return
    there = {document.kind for document in plan.documents}
    answer = pack.answer("batch.upload_documents")
    required = pack.record("batch.upload_documents")["required"]
    for kind in required if isinstance(required, tuple) else ():
        # The candidate data are the applications themselves; the promise is the signature of the upload.
        if kind not in there and kind not in ("candidate_data", "review_commitment"):
            yield invalid(
                "documents",
                f"缺少随批次上报的材料：{kind}。",
                f"a document of the batch is missing: {kind}",
                rule="REG-057",
                clause="; ".join(answer.cite),
            )


def _unstorable(id: str, plan: BatchPlan) -> Iterator[Problem]:
    yield from id_faults("batch_id", id)
    texts = ("name", "pack_id", "registration_opens", "registration_closes", "review_closes")
    yield from text_faults((f"plan.{name}", getattr(plan, name), _TEXT) for name in texts)
    yield from too_many("plan.scopes", len(plan.scopes), MAX_SCOPES)
    yield from too_many("plan.sittings", len(plan.sittings), MAX_SITTINGS)
    yield from too_many("plan.documents", len(plan.documents), MAX_DOCUMENTS)
    for at, sitting in enumerate(plan.sittings[:MAX_SITTINGS]):
        named = (("sitting_id", sitting.sitting_id), ("site_id", sitting.site_id))
        yield from text_faults((f"plan.sittings[{at}].{name}", text, _TEXT) for name, text in named)
    yield from _document_texts("plan.documents", plan)
    yield from _unstorable_numbers(plan)


def _unstorable_numbers(plan: BatchPlan) -> Iterator[Problem]:
    for name in ("year", "number"):
        if getattr(plan, name) > _NUMBER:
            yield invalid(f"plan.{name}", f"不得大于{_NUMBER}。", f"more than {_NUMBER}", rule="REG-055")
    for at, scope in enumerate(plan.scopes[:MAX_SCOPES]):
        field = f"plan.scopes[{at}].occupation_code"
        yield from explained(field, numbers.check_occupation_code(scope.occupation_code))


def _document_texts(field: str, plan: BatchPlan) -> Iterator[Problem]:
    for at, document in enumerate(plan.documents[:MAX_DOCUMENTS]):
        named = (("kind", document.kind), ("title", document.title))
        yield from text_faults((f"{field}[{at}].{name}", text, _TEXT) for name, text in named)


def _nameless(field: str, plan: BatchPlan) -> Iterator[Problem]:
    for at, document in enumerate(plan.documents[:MAX_DOCUMENTS]):
        if not document.title.strip() or len(document.digest) != DIGEST_BYTES:
            zh, en = "应有名称和文件的SHA-256摘要。", "needs a title and the SHA-256 of the file"
            yield invalid(f"{field}[{at}]", zh, en, rule="REG-057")


def id_faults(field: str, id: str) -> Iterator[Problem]:
    """The fault of an id that is no UUID in its usual form."""
    try:
        right = str(UUID(id)) == id
    except ValueError:
        right = False
    if not right:
        yield invalid(field, "编号应为UUID。", "not a UUID in lower case with hyphens", code="not-a-uuid")


def _incomplete(plan: BatchPlan, setting: Setting) -> Iterator[Problem]:
    yield from _heading(plan)
    yield from _name_faults(plan, setting)
    yield from _pack_faults(setting)
    yield from _scope_faults(plan, setting)
    yield from _window_faults(plan, setting)
    yield from sitting_faults(plan, setting)
    yield from _nameless("plan.documents", plan)


def _name_faults(plan: BatchPlan, setting: Setting) -> Iterator[Problem]:
    """The name that the pack prescribes, where it leaves no freedom (REG-055)."""
    first, pack = plan.first_start, setting.pack
    if first is None or not pack.regulates("batch.name_pattern") or pack.record("batch.name_pattern")["free"]:
        return
    said = {
        "exam_date": f"{terms.day_of(first):%Y%m%d}",
        "institution": setting.institution,
        "number": str(plan.number),
        "year": str(plan.year),
    }
    # Filled in and not formatted: an agency's template reaches nothing but these.
    name = cast(Text, pack.record("batch.name_pattern")["template"]).zh
    for word, value in said.items():
        name = name.replace("{" + word + "}", value)
    if plan.name.strip() != name:
        clause = "; ".join(pack.answer("batch.name_pattern").cite)
        yield invalid("plan.name", f"应为“{name}”。", f"should be “{name}”", rule="REG-055", clause=clause)


def _heading(plan: BatchPlan) -> Iterator[Problem]:
    if not plan.name.strip():
        yield invalid("plan.name", "未填写批次名称。", "the batch has no name", rule="REG-055")
    if plan.number < 1:
        yield invalid("plan.number", "未填写期次。", "the running number is missing", rule="REG-055")
    first = plan.first_start
    if first is not None and plan.year != terms.day_of(first).year:
        zh, en = "年度应为首场考试所在年度。", "not the year of the first sitting"
        yield invalid("plan.year", zh, en, rule="REG-055", clause="004 S-A3 2")


def _pack_faults(setting: Setting) -> Iterator[Problem]:
    head = setting.pack.head
    abroad = head.provinces and setting.division[:2] not in head.provinces
    stranger = word_for(setting.kind, setting.pack) is None
    if abroad or stranger:
        yield invalid(
            "plan.pack_id",
            "该规则包不适用于本地区或本类机构。",
            "the policy pack is not for this region or this kind of institution",
            rule="REG-035",
            clause="000 main 3",
            code="pack-does-not-fit",
        )


def _scope_faults(plan: BatchPlan, setting: Setting) -> Iterator[Problem]:
    if not plan.scopes:
        yield invalid("plan.scopes", "未选择职业等级。", "no occupation and level", rule="REG-017")
    twice = Counter((scope.occupation_code, scope.level) for scope in plan.scopes)
    for number, scope in enumerate(plan.scopes):
        at = f"plan.scopes[{number}]"
        yield from out_of_scope(at, scope.occupation_code, scope.level, setting.filed)
        if twice[scope.occupation_code, scope.level] > 1:
            yield invalid(at, "同一职业等级重复。", "named twice", rule="REG-017")
        if not scope.parts or None in scope.parts or len(set(scope.parts)) < len(scope.parts):
            zh, en = "考核科目有误。", "the parts are missing, unknown or repeated"
            yield invalid(f"{at}.parts", zh, en, rule="REG-124", clause="000 main 11")


def _window_faults(plan: BatchPlan, setting: Setting) -> Iterator[Problem]:
    opens, closes, reviewed = plan.opens, plan.closes, plan.reviewed_by
    first = plan.first_start
    if opens is None or closes is None or reviewed is None or first is None:
        zh, en = (
            "报名、审核日期（YYYY-MM-DD）和考试时间应当齐全。",
            "days of registration, review or exam are missing",
        )
        yield invalid("plan.registration_opens", zh, en, rule="REG-053")
        return
    if not opens <= closes <= reviewed < terms.day_of(first):
        yield invalid(
            "plan.registration_closes",
            "应依次为报名开始、报名截止、审核截止、考试。",
            "registration opens, closes, review closes, exam: in this order",
            rule="REG-053",
            clause="004 S三(一)",
        )
        return
    if setting.now >= terms.end_of(closes):
        zh, en = "报名截止日期已过。", "registration would have closed already"
        yield invalid("plan.registration_closes", zh, en, rule="REG-053", clause="004 S三(一)")
    yield from _term_faults(plan, setting)


def _term_faults(plan: BatchPlan, setting: Setting) -> Iterator[Problem]:
    """The terms of the pack, where it has them."""
    opens, closes, reviewed = plan.opens, plan.closes, plan.reviewed_by
    if opens is None or closes is None or reviewed is None:
        return
    pack, calendar = setting.pack, setting.calendar
    window = deadline.of("registration-window", pack, terms.start_of(opens), calendar)
    if window and window.due and window.due != terms.end_of(closes):
        yield _late("plan.registration_closes", window)
    review = deadline.of("qualification-review", pack, terms.start_of(closes), calendar)
    if review and review.due and terms.end_of(reviewed) > review.due:
        yield _late("plan.review_closes", review)
    lead = deadline.of("batch-plan-before-registration", pack, terms.start_of(opens), calendar)
    if lead and lead.due and setting.now > lead.due and not setting.handed_in:
        yield _late("plan.registration_opens", lead)


def _late(field: str, clock: Clock) -> Problem:
    due = clock.due and terms.day_of(clock.due - deadline.INSTANT).isoformat()
    return invalid(
        field,
        f"不符合期限：{clock.row.zh}，应为{due}。",
        f"not within the term: {clock.row.en}, {due}",
        rule=clock.row.requirement,
        clause="; ".join(clock.cite),
    )
