"""A folder of application files entered at once, one application for each file.

An application's id is made of batch and file name, so the folder can be entered again after a mistake or a
lost connection: what is in already is left as it is, what was changed is changed, what was refused is tried
again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from jiangheng.api.registration.v1 import application_pb2 as pb
from jiangheng.chassis.errors import Kind, Problem
from jiangheng.registration.command import files
from jiangheng.registration.command.desk import Desk
from jiangheng.registration.command.files import FileError
from jiangheng.registration.command.shared import id_of

# What the clerk can still change: a draft, and what was given back to him.
OPEN = (
    pb.APPLICATION_STATE_DRAFT,
    pb.APPLICATION_STATE_FURTHER_CHECK,
    pb.APPLICATION_STATE_RETURNED,
)


@dataclass(frozen=True)
class Entered:
    """What became of one file."""

    file: str
    application_id: str
    outcome: str  # entered, submitted, unchanged, refused, unreadable
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is in the batch as it stands in the file."""
        return self.outcome not in ("refused", "unreadable")


def paths_of(path: Path) -> list[Path]:
    """The application files that a path stands for. Raises FileError if there are none."""
    found = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not found:
        raise FileError(f"{path}: there is no *.toml in it")
    return found


def enter(desk: Desk, batch: str, paths: list[Path], *, submit: bool) -> list[Entered]:
    """Enter every file, with progress on the terminal; what is refused does not stop the others."""
    with typer.progressbar(paths, label="录入 entering", file=typer.get_text_stream("stderr")) as progress:
        return [_tried(desk, batch, path, submit=submit) for path in progress]


def summary(entered: list[Entered]) -> Iterator[str]:
    """How many came in, and each file that did not, with the reason."""
    counted = {word: sum(each.outcome == word for each in entered) for word, _ in _WORDS}
    yield "  ".join(f"{zh} {counted[word]}" for word, zh in _WORDS if counted[word])
    for each in entered:
        if not each.ok:
            yield f"    {each.file}: {each.why}"


_WORDS = (
    ("entered", "已录入 entered"),
    ("submitted", "已提交 submitted"),
    ("unchanged", "无变化 unchanged"),
    ("refused", "被拒绝 refused"),
    ("unreadable", "无法读取 unreadable"),
)


def _tried(desk: Desk, batch: str, path: Path, *, submit: bool) -> Entered:
    id = id_of("application", batch, path.stem)
    try:
        form = files.form(files.load(path), pb.ApplicationForm, path)
        return Entered(path.name, id, _entered(desk, batch, id, form, submit=submit))
    except FileError as error:
        return Entered(path.name, id, "unreadable", str(error))
    except Problem as problem:
        if problem.kind in (Kind.UNAVAILABLE, Kind.UNAUTHENTICATED):
            raise  # it would be the same with every other file
        return Entered(path.name, id, "refused", f"{problem.zh} {problem}")


def _entered(desk: Desk, batch: str, id: str, form: pb.ApplicationForm, *, submit: bool) -> str:
    try:
        saved = desk.ask(pb.SaveApplicationRequest(application_id=id, batch_id=batch, form=form)).application
    except Problem as problem:
        if problem.kind is not Kind.WRONG_STATE:
            raise
        found = desk.ask(pb.GetApplicationRequest(application_id=id)).application
        if found.form != form:
            raise
        return "unchanged"
    if not submit:
        return "entered"
    desk.ask(pb.SubmitApplicationRequest(application_id=id, revision=saved.revision))
    return "submitted"
