"""Composition root of identity: the only place that wires."""

from __future__ import annotations

from datetime import timedelta

from jiangheng.chassis.auth import TokenVerifier
from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.lease import Lease
from jiangheng.chassis.privacy import PrivacyError, load_keys
from jiangheng.chassis.process import Program, Serving, open_runtime
from jiangheng.chassis.worker import Worker
from jiangheng.identity import api, keyring
from jiangheng.identity.config import IdentityConfig
from jiangheng.identity.keyring import Keyring
from jiangheng.identity.operations.activate_keys import activate_due_keys
from jiangheng.identity.operations.forget_expired import forget_expired
from jiangheng.identity.passwords import Passwords
from jiangheng.identity.runtime import Identity, Limits

NAME = "identity"
# A log-in activates a person's own key that is due; the sweeper does it for the others.
ACTIVATION_SECONDS = 1.0
FORGETTING_SECONDS = 600.0


def build_identity(config: IdentityConfig) -> Identity:
    """The surroundings of identity's operations. Raises ConfigError if a key file cannot be used."""
    runtime = open_runtime(NAME, config)
    try:
        keys = load_keys(config.field_keys_file)
    except (OSError, PrivacyError) as error:
        raise ConfigError(f"field_keys_file: {error}") from None
    return Identity(
        **vars(runtime),
        limits=Limits(
            audiences=config.audiences,
            access_life=timedelta(seconds=config.access_token_seconds),
            key_cooling_off=timedelta(seconds=config.key_cooling_off_seconds),
            default_grant=timedelta(days=config.default_grant_days),
        ),
        cipher=keys.cipher(),
        index=keys.blind_index(),
        passwords=Passwords(time_cost=config.argon2_passes, memory_kib=config.argon2_memory_kib),
        keyring=Keyring(config.token_keys_folder, runtime.machine_clock),
    )


def build_serving(config: IdentityConfig) -> Serving:
    """The gRPC process: identity verifies tokens with its own keys instead of asking itself."""
    identity = build_identity(config)
    _check_token_keys(identity, config)
    activation = Lease(identity.db, "activate-keys")
    forgetting = Lease(identity.db, "forget-expired", ttl=timedelta(seconds=2 * FORGETTING_SECONDS))
    return Serving(
        runtime=identity,
        mounted=api.mounted(identity),
        workers=(
            Worker(
                "activate keys", ACTIVATION_SECONDS, lambda: activate_due_keys(identity), lease=activation
            ),
            Worker("forget expired", FORGETTING_SECONDS, lambda: forget_expired(identity), lease=forgetting),
        ),
        verifier=TokenVerifier(NAME, identity.keyring, identity.machine_clock),
    )


def _check_token_keys(identity: Identity, config: IdentityConfig) -> None:
    """A demonstration makes its first token key itself; elsewhere an operator does, for all replicas."""
    folder = config.token_keys_folder
    try:
        if config.profile == "demo" and not keyring.read_keys(folder):
            keyring.rotate(folder, identity.now())
        identity.keyring.signing_key()
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise ConfigError(f"token_keys_folder {folder}: {error}") from None


PROGRAM = Program(
    name=NAME,
    config_type=IdentityConfig,
    build_serving=build_serving,
    # Identity listens to nobody.
    build_consuming=None,
    migrations="jiangheng.identity.migrations",
)
