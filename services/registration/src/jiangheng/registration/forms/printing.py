"""Sets printed forms with Typst.

What is printed reaches a template as JSON in `sys.inputs` and is never read as
markup, whatever a name may hold. The same content, template, font and Typst give
the same bytes; `maker` names the three, so that a change of them can be told.
"""

from __future__ import annotations

import threading
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import typst

from jiangheng.chassis.errors import Kind, Problem

FOLDER = Path(__file__).parent
FONT_FILE = "LXGWWenKai-Regular.ttf"
FONT_PACKAGE = "fonts-lxgw-wenkai"
FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
)
_DIGEST_SHOWN = 16


def printed(form: str, content: bytes, at: datetime) -> bytes:
    """The PDF of a form ("ticket") with this content (JSON); `at` stands in it as the time of its making.

    Raises Problem WRONG_STATE "font-missing" where the font is not installed.
    """
    return _compiler(form).set(content, at)


@cache
def maker(form: str) -> str:
    """What sets a form: Typst, template and font, each by version or digest."""
    template = (FOLDER / f"{form}.typ").read_bytes()
    font = font_file().read_bytes()
    return f"typst {version('typst')}; {_short(template)}; {_short(font)}"


def font_file() -> Path:
    """The font that forms are set in. Raises Problem WRONG_STATE "font-missing", naming what to install."""
    for folder in FONT_FOLDERS:
        found = next(iter(sorted(folder.rglob(FONT_FILE))), None)
        if found:
            return found
    raise Problem(
        Kind.WRONG_STATE,
        "font-missing",
        f"未安装打印字体（霞鹜文楷）：请在服务器上安装 {FONT_PACKAGE}。",
        f"the font LXGW WenKai is not installed: install {FONT_PACKAGE} on the server",
        details={"package": FONT_PACKAGE, "file": FONT_FILE},
    )


class _Form:
    """One template with its compiler, which is kept: the first use costs ten times as much as the next."""

    def __init__(self, form: str) -> None:
        self._lock = threading.Lock()  # a compiler takes one document at a time
        self._compiler = typst.Compiler(
            str(FOLDER / f"{form}.typ"),
            root=str(FOLDER),
            font_paths=[str(font_file().parent)],
            ignore_system_fonts=True,
        )

    def set(self, content: bytes, at: datetime) -> bytes:
        inputs = {"content": content.decode()}
        with self._lock:
            made, warnings = self._compiler.compile_with_warnings(
                format="pdf", sys_inputs=inputs, timestamp=int(at.timestamp())
            )
        if warnings or not isinstance(made, bytes):
            # A warning is a missing font or a mistake of the template: never something to hand out.
            raise RuntimeError(f"the form was not set cleanly: {[str(each) for each in warnings]}")
        return made


@cache
def _compiler(form: str) -> _Form:
    return _Form(form)


def _short(data: bytes) -> str:
    return sha256(data).hexdigest()[:_DIGEST_SHOWN]
