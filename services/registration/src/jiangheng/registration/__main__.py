"""The processes of registration, and what only who runs its server can do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jiangheng.chassis.console import end
from jiangheng.chassis.privacy import PrivacyError, write_new_keys
from jiangheng.chassis.process import commands
from jiangheng.registration.app import PROGRAM

REFUSED = 1

app = commands(PROGRAM)
Config = Annotated[Path | None, typer.Option("--config", help="TOML file, as for serve.")]


@app.command("new-field-keys")
def new_field_keys(key_id: str = "1", config: Config = None) -> None:
    """Make the key file that what is personal in a dossier is sealed with; never replaces one."""
    path = PROGRAM.load(config).config.field_keys_file
    try:
        write_new_keys(path, key_id)
    except (OSError, PrivacyError) as error:
        end(REFUSED, f"{path}: {error}")


if __name__ == "__main__":
    app()
