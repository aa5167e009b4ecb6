"""A service's own Ed25519 key: it signs the heads of its feed and proves the service to identity."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from jiangheng.chassis.canonical import digest
from jiangheng.chassis.config import ConfigError


def load_service_key(path: Path | None, *, setting: str = "service_key_file") -> Ed25519PrivateKey:
    """The key in a PEM file (PKCS 8) that only its owner may read; else raises ConfigError.

    `setting` is what the configuration calls the file.
    """
    if path is None:
        raise ConfigError(f"{setting}: not set; the key is needed")
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"{setting} {path}: must be readable by its owner only (mode 0600)")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise ConfigError(f"{setting} {path}: {error.strerror}") from None
    except (ValueError, TypeError):
        raise ConfigError(f"{setting} {path}: not an unencrypted PEM key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{setting} {path}: not an Ed25519 key")
    return key


def key_id_of(key: Ed25519PublicKey) -> str:
    """The name of a service's key: the first 16 hexadecimal digits of its SHA-256."""
    return digest(key.public_bytes_raw()).hex()[:16]
