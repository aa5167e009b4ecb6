"""`jiangheng-registration batch …`: batches (认定批次), from their plan to the final list of candidates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from jiangheng.api.registration.v1 import application_pb2
from jiangheng.api.registration.v1 import batch_pb2 as pb
from jiangheng.chassis.canonical import canonical_json, digest
from jiangheng.registration.command import files, layout
from jiangheng.registration.command.desk import Desk, NotAsShown, assert_shown
from jiangheng.registration.command.layout import row, rows, when
from jiangheng.registration.command.shared import (
    BatchId,
    KeyFile,
    Noun,
    Reason,
    Revision,
    Yes,
    id_of,
    signed,
)
from jiangheng.registration.domain.batch import STATE_ZH, State
from jiangheng.rules.pack import pack_named

TEST = "测试 TEST"


def page(found: pb.Batch) -> str:
    """The batch, its plan and what came of it."""
    return "\n".join([*_heading(found), *_plan(found.plan), *_course(found), *map(warning, found.warnings)])


def line(found: pb.Batch) -> str:
    """One batch on one line of a list."""
    mark = [TEST] if found.test else []
    return "  ".join([found.batch_id, found.credit_code, _state(found), *mark, found.plan.name])


batches = Noun("batch", "Batches 认定批次.", page, line)


@batches.command
def save(
    desk: Desk, file: Annotated[Path, typer.Argument(help="The batch's plan, TOML.", show_default=False)]
) -> object:
    """Save the plan in a file; the same institution, year and number are the same batch 保存."""
    return desk.ask(read(file)).batch


@batches.command
def submit(desk: Desk, batch: BatchId, revision: Revision = None) -> object:
    """Submit the plan to the authority 提交."""
    on = revision or stands(desk, batch).revision
    return desk.ask(pb.SubmitBatchRequest(batch_id=batch, revision=on)).batch


@batches.command
def return_(desk: Desk, batch: BatchId, reason: Reason, revision: Revision = None) -> object:
    """Give the plan back with a reason 退回."""
    on = revision or stands(desk, batch).revision
    return desk.ask(pb.ReturnBatchRequest(batch_id=batch, revision=on, reason=reason)).batch


@batches.command
def confirm(desk: Desk, batch: BatchId, key_file: KeyFile, yes: Yes = False) -> object:
    """Show plan and rules, sign both with your own key and bind the batch to these rules 确认."""
    shown = stands(desk, batch)
    content = pb.Batch(batch_id=shown.batch_id, credit_code=shown.credit_code, plan=shown.plan)
    assert_shown(content, shown.digest, f"the plan of {batch}")
    rules = pack_named(shown.plan.pack_id)
    request = pb.ConfirmBatchRequest(
        batch_id=batch,
        revision=shown.revision,
        digest=shown.digest,
        pack_digest=bytes.fromhex(rules.digest),
    )
    bound = row("规则包 rules", f"{rules.id} {rules.version} {rules.status}  {rules.digest}")
    told = f"{page(shown)}\n{bound}"
    signed(desk, request, key_file, yes=yes, page=told, question="签名并确认 sign and confirm")
    return desk.ask(request).batch


@batches.command
def allow_late(desk: Desk, batch: BatchId, reason: Reason, revision: Revision = None) -> object:
    """Let the batch be uploaded after the term, for a reason that is kept 准予逾期上报."""
    on = revision or stands(desk, batch).revision
    return desk.ask(pb.AllowLateUploadRequest(batch_id=batch, revision=on, reason=reason)).batch


@batches.command
def upload(
    desk: Desk,
    batch: BatchId,
    key_file: KeyFile,
    documents: Annotated[
        Path | None, typer.Option(help="TOML with [[documents]]; without it, those of the plan.")
    ] = None,
    yes: Yes = False,
) -> object:
    """Show the approved applications, sign the promise that they were reviewed, and hand them over 上报."""
    answer: pb.GetBatchResponse = desk.ask(pb.GetBatchRequest(batch_id=batch))
    approved = list(_approved(desk, batch))
    _assert_approved(approved, answer.applications_digest)
    request = pb.UploadBatchRequest(
        batch_id=batch,
        revision=answer.batch.revision,
        documents=_documents(documents) if documents else answer.batch.plan.documents,
        applications_digest=answer.applications_digest,
    )
    told = "\n".join([page(answer.batch), *_promise(request, len(approved))])
    signed(desk, request, key_file, yes=yes, page=told, question="承诺已审核、签名并上报 sign and upload")
    return desk.ask(request).batch


@batches.command
def sample(
    desk: Desk,
    batch: BatchId,
    size: Annotated[int, typer.Option(help="How many applications to draw.", min=1)],
    name: Annotated[
        str, typer.Option(help="The same name is the same sample: nothing is drawn twice.")
    ] = "1",
) -> object:
    """Draw applications at random, to be looked at 抽查."""
    request = pb.DrawSampleRequest(batch_id=batch, size=size, sample_id=id_of("sample", batch, name))
    return _sample(desk.ask(request).sample)


@batches.command
def clear(desk: Desk, batch: BatchId, revision: Revision = None) -> object:
    """End the sampling: the candidates are final, applications still returned leave the batch 核定."""
    on = revision or stands(desk, batch).revision
    return desk.ask(pb.ClearBatchRequest(batch_id=batch, revision=on)).batch


@batches.command
def show(desk: Desk, batch: BatchId) -> object:
    """Show one batch 查看."""
    return stands(desk, batch)


@batches.command
def list_(
    desk: Desk, state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None
) -> object:
    """List the batches within your grants; with --json one object on each line 列表."""
    wanted = layout.wanted(state, pb.BatchState)
    return desk.every(pb.ListBatchesRequest(state=wanted), "batches")  # type: ignore[arg-type]


@batches.command
def pack(desk: Desk, batch: BatchId) -> object:
    """Print the rules that the batch is bound to, as they were confirmed 规则."""
    answer: pb.GetPackResponse = desk.ask(pb.GetPackRequest(batch_id=batch))
    if digest(answer.document) != answer.pack.digest:
        raise NotAsShown("the rules are not those of the digest that the batch is bound to")
    return json.dumps(json.loads(answer.document), ensure_ascii=False, indent=2)


def stands(desk: Desk, batch: str) -> pb.Batch:
    """The batch as it stands."""
    found: pb.Batch = desk.ask(pb.GetBatchRequest(batch_id=batch)).batch
    return found


def read(path: Path) -> pb.SaveBatchRequest:
    """The plan in a file; a sitting names its site by `site_id` or by the name it was saved under."""
    content = files.load(path)
    credit_code = files.taken(content, "credit_code", path)
    for sitting in content.get("sittings", []):
        if "site" in sitting:
            sitting["site_id"] = id_of("site", credit_code, sitting.pop("site"))
    batch_id = content.pop("batch_id", "") or id_of(
        "batch", credit_code, content.get("year", ""), content.get("number", "")
    )
    return pb.SaveBatchRequest(
        batch_id=batch_id, credit_code=credit_code, plan=files.form(content, pb.BatchPlan, path)
    )


def _documents(path: Path) -> list[pb.BatchDocument]:
    return list(files.form(files.load(path), pb.BatchPlan, path).documents)


def _approved(desk: Desk, batch: str) -> Iterator[application_pb2.Application]:
    request = application_pb2.ListApplicationsRequest(
        batch_id=batch, state=application_pb2.APPLICATION_STATE_APPROVED
    )
    return desk.every(request, "applications")


def _assert_approved(approved: list[application_pb2.Application], asked: bytes) -> None:
    """The list that is signed for is the one that was counted here."""
    content = [[each.application_id, each.revision] for each in approved]
    if digest(canonical_json(sorted(content))) != asked:
        raise NotAsShown("the digest is not that of the approved applications")


def _promise(request: pb.UploadBatchRequest, count: int) -> Iterator[str]:
    yield row("审核通过 approved", f"{count}人 applications")
    yield row("名单摘要 digest", request.applications_digest.hex())
    yield from _papers(request.documents)


def _heading(found: pb.Batch) -> list[str]:
    return rows(
        ("批次 batch", found.batch_id),
        ("名称 name", found.plan.name),
        ("机构 institution", found.credit_code),
        ("状态 state", "  ".join([_state(found), *([TEST] if found.test else [])])),
        ("版本 revision", found.revision),
        ("计划摘要 digest", found.digest.hex()),
        ("退回原因 returned because", found.return_reason),
    )


def _plan(plan: pb.BatchPlan) -> Iterator[str]:
    yield row("年度、期次 year, number", f"{plan.year}年第{plan.number}期")
    yield row("报名 registration", f"{plan.registration_opens} – {plan.registration_closes}")
    yield row("审核截止 review closes", plan.review_closes)
    yield "职业等级 scopes"
    for scope in plan.scopes:
        yield f"    {scope.occupation_code:14}  {scope.level}级  {layout.parts(scope.parts)}"
    yield "场次 sittings"
    for sitting in plan.sittings:
        times = f"{when(sitting.starts_at)} – {when(sitting.ends_at)[11:]}"
        yield f"    {sitting.sitting_id:4}  {layout.parts([sitting.part])}  {times}  {sitting.site_id}"
    yield from _papers(plan.documents)


def _papers(documents: Iterable[pb.BatchDocument]) -> Iterator[str]:
    yield "材料 documents"
    for each in documents:
        yield f"    {each.kind}  {each.title}  {each.digest.hex()[:16]}…"


def _course(found: pb.Batch) -> list[str]:
    bound = found.pack
    return [
        *rows(
            ("规则包 rules", f"{bound.id} {bound.version} {bound.status}" if bound.id else ""),
            ("规则摘要 rules digest", bound.digest.hex()),
            ("确认时间 confirmed", when(found.confirmed_at)),
            ("准予逾期上报 late upload allowed", found.late_reason),
            ("上报时间 uploaded", when(found.uploaded_at)),
            ("核定时间 cleared", when(found.cleared_at)),
        ),
        *map(_sample, found.samples),
    ]


def _sample(drawn: pb.Sample) -> str:
    heading = f"抽查 sample of {len(drawn.application_ids)}, {when(drawn.drawn_at)}, seed {drawn.seed.hex()}"
    return "\n".join([heading, *(f"    {each}" for each in drawn.application_ids)])


def warning(found: pb.Warning) -> str:
    """Something to look at, though nothing forbids it."""
    return f"注意 warning: {found.zh} {found.en} [{found.rule}, {found.clause}]"


def _state(found: pb.Batch) -> str:
    return layout.state(found.state, pb.BatchState, STATE_ZH)
