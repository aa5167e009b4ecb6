"""The log-in that commands share: a private file with the tokens, refreshed when needed."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jwt
from google.protobuf.message import Message

from jiangheng.api.identity.v1 import identity_pb2 as pb
from jiangheng.api.identity.v1 import identity_pb2_grpc as rpc
from jiangheng.chassis.client import channel, invoke
from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.errors import Kind, Problem, unauthenticated
from jiangheng.identity.commands.console import Console

AUDIENCE = "identity"
# An access token is not used any more this many seconds before it expires.
MARGIN = 5.0
# Passwords are hashed slowly on purpose, and a busy server lets them queue.
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Session:
    """What the file holds."""

    target: str
    ca: str
    login: str
    refresh_token: str
    access_token: str
    access_expires: float

    @property
    def person_id(self) -> str:
        """Whose log-in it is; read from the token, which only the server can verify."""
        return str(jwt.decode(self.access_token, options={"verify_signature": False})["sub"])


def default_file() -> Path:
    """Where the session lies when nothing is said (XDG base directories)."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "jiangheng" / "identity-session.json"


def open_call(console: Console, method: str, request: Message, *, target: str = "", ca: str = "") -> Any:
    """Call "Service/Method" without a token."""
    with _stub(console, method, target, ca) as stub:
        return invoke(stub, request, timeout=TIMEOUT_SECONDS)


def call(console: Console, method: str, request: Message) -> Any:
    """Call "Service/Method" as the person who is logged in. Raises UNAUTHENTICATED if nobody is."""
    session = current(console)
    with _stub(console, method, session.target, session.ca) as stub:
        return invoke(stub, request, token=session.access_token, timeout=TIMEOUT_SECONDS)


def log_in(console: Console, login: str, password: str) -> Session:
    """Log in and keep the session."""
    request = pb.LogInRequest(login=login, password=password, audience=AUDIENCE)
    answer: pb.LogInResponse = open_call(console, "TokenService/LogIn", request)
    ca = str(console.ca.resolve()) if console.ca else ""
    session = Session(
        console.target,
        ca,
        login,
        answer.refresh_token,
        answer.access_token,
        answer.access_expires.seconds,
    )
    with _locked(console.session_file):
        _write(console.session_file, session)
    return session


def log_out(console: Console) -> bool:
    """End the log-in and remove the file, also if the server has forgotten it; False if there was none."""
    with _locked(console.session_file):
        session = _read(console.session_file)
        if session is None:
            return False
        request = pb.LogOutRequest(refresh_token=session.refresh_token)
        open_call(console, "TokenService/LogOut", request, target=session.target, ca=session.ca)
        console.session_file.unlink()
    return True


def current(console: Console) -> Session:
    """The session with an access token that still lives. Raises UNAUTHENTICATED if there is none."""
    with _locked(console.session_file):
        session = _known(console)
        if time.time() < session.access_expires - MARGIN:
            return session
        return _refresh(console, session, AUDIENCE)[0]


def token_for(console: Console, audience: str) -> str:
    """An access token for another service; the session goes on."""
    with _locked(console.session_file):
        return _refresh(console, _known(console), audience)[1]


def _known(console: Console) -> Session:
    session = _read(console.session_file)
    if session is None:
        raise unauthenticated(
            "not-logged-in", "尚未登录，请先运行 login。", "Nobody is logged in; run login first."
        )
    return session


def _refresh(console: Console, session: Session, audience: str) -> tuple[Session, str]:
    """The session with its next refresh token, and the access token for `audience`.

    Called with the file locked: two commands that used one refresh token would
    end the log-in.
    """
    request = pb.RefreshTokenRequest(refresh_token=session.refresh_token, audience=audience)
    try:
        answer: pb.RefreshTokenResponse = open_call(
            console, "TokenService/RefreshToken", request, target=session.target, ca=session.ca
        )
    except Problem as problem:
        if problem.kind is Kind.UNAUTHENTICATED:
            console.session_file.unlink()
        raise
    own = audience == AUDIENCE
    renewed = Session(
        session.target,
        session.ca,
        session.login,
        answer.refresh_token,
        answer.access_token if own else session.access_token,
        answer.access_expires.seconds if own else session.access_expires,
    )
    _write(console.session_file, renewed)
    return renewed, answer.access_token


@contextmanager
def _stub(console: Console, method: str, target: str, ca: str) -> Iterator[Any]:
    service, name = method.split("/")
    authority = Path(ca) if ca else console.ca
    where = target or console.target
    if not where:
        raise ConfigError("say --target (or JIANGHENG_TARGET): where is identity?")
    with channel(where, [pb.DESCRIPTOR.services_by_name[service]], ca=authority) as opened:
        yield getattr(getattr(rpc, f"{service}Stub")(opened), name)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(file: Path) -> Session | None:
    try:
        return Session(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise unauthenticated(
            "session-unreadable", "登录文件已损坏，请重新登录。", "The session file is damaged; log in again."
        ) from None


def _write(file: Path, session: Session) -> None:
    partial = file.with_name(f"{file.name}.part")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(asdict(session), out)
    partial.replace(file)
