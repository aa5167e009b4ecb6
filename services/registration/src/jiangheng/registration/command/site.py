"""`jiangheng-registration site …`: sites and rooms (考点、考场), for institutions and plan officers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from jiangheng.api.registration.v1 import seating_pb2 as pb
from jiangheng.registration.command import files, layout
from jiangheng.registration.command.desk import Desk, assert_shown
from jiangheng.registration.command.layout import row, rows, when, wide
from jiangheng.registration.command.shared import Noun, Reason, Revision, id_of
from jiangheng.registration.domain.site import STATE_ZH

SiteId = Annotated[str, typer.Argument(help="The site's id (UUID).", show_default=False)]


def page(found: pb.Site) -> str:
    """The site with its rooms and what was inspected."""
    return "\n".join([*_heading(found), *_rooms(found.plan), *_inspections("    ", found.plan.inspections)])


sites = Noun("site", "Sites and rooms 考点、考场.", page)


@sites.command
def save(
    desk: Desk, file: Annotated[Path, typer.Argument(help="The site, TOML.", show_default=False)]
) -> object:
    """Save the site in a file; the same institution and name are the same site 保存."""
    return desk.ask(read(file)).site


@sites.command
def approve(desk: Desk, site: SiteId, revision: Revision = None) -> object:
    """Let exams be held there, after inspection 审验通过."""
    shown = _stands(desk, site)
    content = pb.Site(site_id=shown.site_id, credit_code=shown.credit_code, plan=shown.plan)
    assert_shown(content, shown.digest, f"the site {site}")
    on = revision or shown.revision
    return desk.ask(pb.ApproveSiteRequest(site_id=site, revision=on, digest=shown.digest)).site


@sites.command
def suspend(desk: Desk, site: SiteId, reason: Reason, revision: Revision = None) -> object:
    """Let no exam be held there for the time being 暂停."""
    on = revision or _stands(desk, site).revision
    return desk.ask(pb.SuspendSiteRequest(site_id=site, revision=on, reason=reason)).site


@sites.command
def show(desk: Desk, site: SiteId) -> object:
    """Show one site 查看."""
    return _stands(desk, site)


def read(path: Path) -> pb.SaveSiteRequest:
    """The site in a file and whose it is. Raises FileError."""
    content = files.load(path)
    credit_code = files.taken(content, "credit_code", path)
    site_id = content.pop("site_id", "") or id_of("site", credit_code, content.get("name", ""))
    return pb.SaveSiteRequest(
        site_id=site_id, credit_code=credit_code, plan=files.form(content, pb.SitePlan, path)
    )


def _stands(desk: Desk, site: str) -> pb.Site:
    found: pb.Site = desk.ask(pb.GetSiteRequest(site_id=site)).site
    return found


def _heading(found: pb.Site) -> list[str]:
    return rows(
        ("考点 site", found.site_id),
        ("名称 name", found.plan.name),
        ("机构 institution", found.credit_code),
        ("所在地 place", f"{found.plan.division} {found.plan.address}"),
        ("状态 state", layout.state(found.state, pb.SiteState, STATE_ZH)),
        ("版本 revision", found.revision),
        ("摘要 digest", found.digest.hex()),
        ("审验机关 authority", found.authority),
        ("审验时间 approved", when(found.approved_at)),
        ("暂停原因 suspended because", found.ground),
    )


def _rooms(plan: pb.SitePlan) -> Iterator[str]:
    yield "考场 rooms"
    for room in plan.rooms:
        ready = sum(station.equipment_ready for station in room.stations)
        size = f"{ready}/{len(room.stations)}工位 stations" if room.stations else f"{room.capacity}座 seats"
        yield f"    {wide(room.room_id, 6)}  {wide(layout.parts([room.part]), 14)}  {size}  {room.location}"
        yield from _inspections("        ", room.inspections)
    yield row("功能用房 functional rooms", "、".join(each.room for each in plan.functional_rooms))


def _inspections(indent: str, found: Iterable[pb.Inspection]) -> Iterator[str]:
    for each in found:
        yield f"{indent}{each.on}  {each.kind}  {'合格' if each.passed else '不合格'}  {each.inspector}"
