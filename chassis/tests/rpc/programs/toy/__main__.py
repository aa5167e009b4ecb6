"""serve | consume | migrate | check-config"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from pydantic import SecretStr

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis.auth import TokenVerifier
from jiangheng.chassis.config import ServiceConfig
from jiangheng.chassis.db import Tx
from jiangheng.chassis.keyset import JwksFile
from jiangheng.chassis.process import Consuming, Program, Serving, main, open_runtime
from jiangheng.chassis.routes import Route

HEARD = sa.table("heard", sa.column("subject"))


class ToyConfig(ServiceConfig):
    """As every service's, and a key set in a file if identity is not to be asked."""

    key_set_file: Path | None = None
    pin: SecretStr | None = None


def build_serving(config: ToyConfig) -> Serving:
    runtime = open_runtime("toy", config)
    clock, file = runtime.machine_clock, config.key_set_file
    verifier = TokenVerifier("toy", JwksFile(file, clock), clock) if file else None
    return Serving(runtime, mounted=(), verifier=verifier)


def build_consuming(config: ToyConfig) -> Consuming:
    return Consuming(open_runtime("toy", config), [Route("toy", "refusal.#", note)])


def note(tx: Tx, envelope: Envelope) -> None:
    tx.execute(sa.insert(HEARD).values(subject=envelope.subject))


if __name__ == "__main__":
    main(Program("toy", ToyConfig, build_serving, build_consuming, "toy.migrations"))
