"""The processes of identity, and what only who runs its server can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from jiangheng.chassis.clocks import MachineClock
from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.console import end
from jiangheng.chassis.errors import Problem
from jiangheng.chassis.privacy import PrivacyError, write_new_keys
from jiangheng.chassis.process import FAULTY, commands
from jiangheng.identity import keyring
from jiangheng.identity.app import PROGRAM, build_identity
from jiangheng.identity.operations import bootstrap, register_service
from jiangheng.identity.runtime import Identity

REFUSED = 1

app = commands(PROGRAM)
Config = Annotated[Path | None, typer.Option("--config", help="TOML file, as for serve.")]


@app.command("bootstrap-code")
def bootstrap_code(config: Config = None) -> None:
    """Print a code that makes the first administrator within an hour; refused once there was one."""
    with _identity(config) as identity:
        typer.echo(bootstrap.make_code(identity))


@app.command("provision-service")
def provision_service(
    name: str,
    public_key: Annotated[Path, typer.Option("--public-key", help="PEM file, Ed25519.")],
    scope: Annotated[list[str], typer.Option("--scope", help="E.g. feed.read; may be repeated.")],
    config: Config = None,
) -> None:
    """Let a service prove itself by its key; another key or other scopes replace the old."""
    with _identity(config) as identity:
        wanted = register_service.checked(name, _public_key(public_key), scope)
        changed = register_service.provision(identity, wanted)
    typer.echo(f"{name}: {'registered' if changed else 'unchanged'}", err=True)


@app.command("rotate-token-key")
def rotate_token_key(config: Config = None) -> None:
    """Make a new key for access tokens: published at once, signing in three minutes (the first: at once).

    The old key stays published until the last token it signed has expired; a
    later rotation removes its file. Running services notice by themselves.
    """
    folder = PROGRAM.load(config).config.token_keys_folder
    key = keyring.rotate(folder, MachineClock().now())
    typer.echo(f"{key.key_id}: signs from {key.signs_from.isoformat(timespec='seconds')}", err=True)


@app.command("new-field-keys")
def new_field_keys(key_id: str = "1", config: Config = None) -> None:
    """Make the key file that names and document numbers are sealed with; never replaces one."""
    path = PROGRAM.load(config).config.field_keys_file
    try:
        write_new_keys(path, key_id)
    except (OSError, PrivacyError) as error:
        end(REFUSED, f"{path}: {error}")


@contextmanager
def _identity(file: Path | None) -> Iterator[Identity]:
    """Identity at its database, without a server; a Problem ends the command with its text."""
    config = PROGRAM.load(file).config
    try:
        identity = build_identity(config)
    except ConfigError as error:
        end(FAULTY, str(error))
    try:
        yield identity
    except Problem as problem:
        end(REFUSED, f"{problem.zh} {problem}")
    finally:
        identity.db.dispose()


def _public_key(path: Path) -> bytes:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        end(FAULTY, f"{path}: {error}")
    if not isinstance(key, Ed25519PublicKey):
        end(FAULTY, f"{path}: not an Ed25519 key")
    return key.public_bytes_raw()


if __name__ == "__main__":
    app()
