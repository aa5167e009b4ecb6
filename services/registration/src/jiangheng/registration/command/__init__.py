"""`jiangheng-registration`: what institutions, authorities and appraisal centres do from a terminal.

One module for each noun, with its commands and its page; what they share is in shared.py (options, showing,
refusals), desk.py (calls, signatures), files.py (forms in TOML) and layout.py.
"""

from __future__ import annotations

import typer

from jiangheng.registration.command.application import applications
from jiangheng.registration.command.batch import batches
from jiangheng.registration.command.institution import institutions
from jiangheng.registration.command.plan import plans
from jiangheng.registration.command.seating import seating
from jiangheng.registration.command.site import sites

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for noun in (institutions, plans, batches, applications, sites, seating):
    app.add_typer(noun.app, name=noun.name)


@app.callback()
def _root() -> None:
    """Registration 报名与计划: institutions, plans, batches, applications, sites, seats."""


def main() -> None:
    """Run the command the arguments name."""
    app()
