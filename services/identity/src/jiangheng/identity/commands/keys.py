"""jiangheng-identity key …, service …"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from jiangheng.api.identity.v1 import identity_pb2 as pb
from jiangheng.chassis.errors import Problem, invalid
from jiangheng.identity.commands import session
from jiangheng.identity.commands.console import Console, secret
from jiangheng.identity.commands.people import Reason
from jiangheng.identity.domain.signing_key import key_id_of, proof_text

PASSPHRASE = "JIANGHENG_PASSPHRASE"  # noqa: S105

keys = typer.Typer(
    no_args_is_help=True,
    help="Signing keys: yours to make and keep; two others approve, then a cooling-off time runs.",
)
services = typer.Typer(no_args_is_help=True, help="Programs that call services in their own name.")

KeyId = Annotated[
    str, typer.Argument(help="The key's id: compare it with what its holder shows you.", show_default=False)
]
KeyFile = Annotated[
    Path, typer.Option("--key", help="The file that `key generate` wrote.", show_default=False)
]
FromStdin = Annotated[
    bool, typer.Option("--passphrase-stdin", help="Read the passphrase from standard input.")
]


@keys.command("generate")
def generate(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="The file to write; mode 0600.", show_default=False)],
    unencrypted: Annotated[bool, typer.Option("--unencrypted", help="Without a passphrase.")] = False,
    passphrase_stdin: FromStdin = False,
) -> None:
    """Make a private key (Ed25519, PEM) that never leaves this machine; asks for a passphrase."""
    console: Console = context.obj
    key = Ed25519PrivateKey.generate()
    protection: KeySerializationEncryption = NoEncryption()
    if not unencrypted:
        words = secret(
            "密钥口令 Passphrase of the key", PASSPHRASE, from_stdin=passphrase_stdin, confirm=True
        )
        protection = BestAvailableEncryption(words.encode())
    _write(out, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
    public = key.public_key().public_bytes_raw()
    shown = {"key_id": key_id_of(public), "public_key": public.hex(), "file": str(out)}
    console.show(shown, [f"密钥 key: {shown['key_id']}", f"next: key propose --key {out}"])


@keys.command("propose")
def propose(context: typer.Context, key: KeyFile, passphrase_stdin: FromStdin = False) -> None:
    """Propose your key, also to replace the one you have; proves that you hold it."""
    console: Console = context.obj
    private = _load(key, passphrase_stdin)
    public = private.public_key().public_bytes_raw()
    proof = private.sign(proof_text(session.current(console).person_id, public))
    request = pb.ProposeKeyRequest(public_key=public, proof=proof)
    proposed = session.call(console, "AccountService/ProposeKey", request).key
    console.show(proposed, [_line(proposed), "next: two key approvers run key approve"])


@keys.command("approve")
def approve(context: typer.Context, key_id: KeyId) -> None:
    """Approve another person's key; the second approval starts the cooling-off time."""
    console: Console = context.obj
    request = pb.ApproveKeyRequest(key_id=key_id)
    key = session.call(console, "AdministrationService/ApproveKey", request).key
    console.show(key, [_line(key)])


@keys.command("revoke")
def revoke(context: typer.Context, key_id: KeyId, reason: Reason) -> None:
    """Stop a key at once; one key approver suffices."""
    console: Console = context.obj
    session.call(
        console, "AdministrationService/RevokeKey", pb.RevokeKeyRequest(key_id=key_id, reason=reason)
    )
    console.show({}, [f"已停用 revoked: {key_id}"])


@keys.command("list")
def list_keys(
    context: typer.Context,
    person: Annotated[str, typer.Option("--person", help="Keys of this person instead.")] = "",
    waiting: Annotated[bool, typer.Option("--waiting", help="What waits for approval instead.")] = False,
) -> None:
    """List your own keys."""
    console: Console = context.obj
    if person or waiting:
        request = pb.ListKeysRequest(person_id=person)
        answer = session.call(console, "AdministrationService/ListKeys", request)
    else:
        answer = session.call(console, "AccountService/ListOwnKeys", pb.ListOwnKeysRequest())
    console.show(answer, [_line(key) for key in answer.keys])


@services.command("register")
def register(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The service's name.", show_default=False)],
    public_key: Annotated[Path, typer.Option("--public-key", help="PEM file, Ed25519.", show_default=False)],
    scope: Annotated[list[str], typer.Option("--scope", help="E.g. feed.read; may be repeated.")],
) -> None:
    """Let a program prove itself by its key and call other services."""
    console: Console = context.obj
    request = pb.RegisterServiceRequest(name=name, public_key=_load_public(public_key), scopes=scope)
    session.call(console, "AdministrationService/RegisterService", request)
    console.show({}, [f"已登记 registered: {name}"])


def _line(key: pb.SigningKey) -> str:
    state = pb.KeyState.Name(key.state).removeprefix("KEY_STATE_").lower()
    from_ = f"  from {key.active_from.ToJsonString()}" if key.HasField("active_from") else ""
    return f"{key.key_id}  {state}  holder {key.person_id}  approvals {len(key.approvers)}{from_}"


def _write(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _unusable("out", path, str(error.strerror)) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _load(path: Path, passphrase_stdin: bool) -> Ed25519PrivateKey:
    try:
        content = path.read_bytes()
        encrypted = b"ENCRYPTED" in content
        words = secret("密钥口令 Passphrase", PASSPHRASE, from_stdin=passphrase_stdin) if encrypted else ""
        key = load_pem_private_key(content, words.encode() if encrypted else None)
    except OSError as error:
        raise _unusable("key", path, str(error.strerror)) from None
    except ValueError:
        raise _unusable("key", path, "no PEM key, or another passphrase") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _unusable("key", path, "not an Ed25519 key")
    return key


def _load_public(path: Path) -> bytes:
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise _unusable("public-key", path, str(error.strerror)) from None
    except ValueError:
        raise _unusable("public-key", path, "no PEM public key") from None
    if not isinstance(key, Ed25519PublicKey):
        raise _unusable("public-key", path, "not an Ed25519 key")
    return key.public_bytes_raw()


def _unusable(field: str, path: Path, why: str) -> Problem:
    return invalid(field, f"文件无法使用：{path}。", f"Cannot use {path}: {why}.")
