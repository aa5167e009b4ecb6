"""A service's own key is read only if nobody else can read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.service_key import key_id_of, load_service_key

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def pem(folder: Path, key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey = KEY, mode: int = 0o600) -> Path:
    path = folder / "service.key"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(mode)
    return path


def test_a_key_is_read(tmp_path: Path) -> None:
    assert load_service_key(pem(tmp_path)).private_bytes_raw() == bytes(32)
    assert key_id_of(KEY.public_key()) == "139e3940e64b5491"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigError, match="0600"):
        load_service_key(pem(tmp_path, mode=mode))


def test_what_is_no_such_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not an Ed25519 key"):
        load_service_key(pem(tmp_path, ec.generate_private_key(ec.SECP256R1())))
    rubbish = pem(tmp_path)
    rubbish.write_text("rubbish")
    with pytest.raises(ConfigError, match="not an unencrypted PEM key"):
        load_service_key(rubbish)
    with pytest.raises(ConfigError, match="No such file"):
        load_service_key(tmp_path / "absent")
    with pytest.raises(ConfigError, match="not set"):
        load_service_key(None)
