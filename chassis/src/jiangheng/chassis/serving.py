"""The gRPC process of a service: server, feed, publisher, workers, refusals, metrics."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from google.protobuf.descriptor import ServiceDescriptor

from jiangheng.api.event.v1.refusal_pb2 import RefusalRecorded
from jiangheng.api.feed.v1 import feed_pb2
from jiangheng.api.feed.v1.feed_pb2_grpc import add_FeedServiceServicer_to_server
from jiangheng.chassis.auth import TokenVerifier
from jiangheng.chassis.config import ConfigError, ServiceConfig
from jiangheng.chassis.feed import FeedServicer, HeadSigner
from jiangheng.chassis.guard import EXEMPT, Guard, Refusals
from jiangheng.chassis.identity_client import identity_channel, key_set_fetch
from jiangheng.chassis.keyset import JwksFetcher
from jiangheng.chassis.lease import Lease
from jiangheng.chassis.outbox import Fact
from jiangheng.chassis.policy import methods_of
from jiangheng.chassis.process import Serving
from jiangheng.chassis.publisher import Publisher
from jiangheng.chassis.runtime import Runtime
from jiangheng.chassis.server import Mounted, Server, Tls, build_server
from jiangheng.chassis.service_key import key_id_of, load_service_key
from jiangheng.chassis.telemetry import get_logger, start_metrics
from jiangheng.chassis.worker import Worker

REFUSAL = "refusal.recorded.v1"
# Calls in hand when the process is told to stop have so long to end.
GRACE_SECONDS = 10.0
# So late at most a signal is noticed.
LOOK_SECONDS = 1.0
# How long a committed fact may wait until the publisher looks.
PUBLISHER_SECONDS = 0.2

_FEED: ServiceDescriptor = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]
_log = get_logger(__name__)


def serve(name: str, config: ServiceConfig, serving: Serving, stop: threading.Event) -> None:
    """Serve until `stop` is set, then let calls end, stop the workers and close everything.

    Raises ConfigError or PolicyError before the first call is taken.
    """
    with ExitStack() as stack:
        stack.callback(serving.runtime.db.dispose)
        verifier = serving.verifier or stack.enter_context(_identitys_verifier(name, config, serving.runtime))
        server = _server(config, serving, verifier)
        metrics_port = stack.enter_context(_metrics(config.metrics_port))
        for worker in (*serving.workers, stack.enter_context(_publisher(name, config, serving.runtime))):
            worker.start()
            stack.callback(worker.stop)
        server.start()
        stack.callback(server.stop, GRACE_SECONDS)
        _log.info("ready", port=server.port, bind=config.bind, metrics_port=metrics_port)
        # The interpreter looks for signals at certain points only: one that comes between the last of them
        # and the wait itself is noticed when the wait ends, so that it has to end from time to time.
        while not stop.wait(LOOK_SECONDS):
            pass
        _log.info("stopping")
    _log.info("stopped")


def refusals_of(runtime: Runtime) -> Refusals:
    """Puts refusals on record as facts, each in a transaction of its own (IAM-002)."""

    def record(refusal: RefusalRecorded, region: str) -> None:
        with runtime.db.write() as tx:
            runtime.state(tx, Fact(REFUSAL, refusal.refusal_id, refusal, region), refusal.caller)

    return record


def _server(config: ServiceConfig, serving: Serving, verifier: TokenVerifier) -> Server:
    mounted = (*serving.mounted, _feed(config, serving.runtime))
    guard = Guard(
        methods_of(each.descriptor for each in mounted),
        verifier,
        serving.owners,
        refusals_of(serving.runtime),
        exempt=EXEMPT["health"] + (EXEMPT["reflection"] if config.reflection else ()),
    )
    return build_server(
        bind=config.bind,
        mounted=mounted,
        guard=guard,
        ping=serving.runtime.db.ping,
        tls=Tls(config.tls_cert, config.tls_key) if config.tls_cert and config.tls_key else None,
        workers=config.workers,
        reflect=config.reflection,
    )


def _feed(config: ServiceConfig, runtime: Runtime) -> Mounted:
    key = load_service_key(config.service_key_file)
    signer = HeadSigner(key_id_of(key.public_key()), key)
    return Mounted(_FEED, add_FeedServiceServicer_to_server, FeedServicer(runtime, signer))


@contextmanager
def _identitys_verifier(name: str, config: ServiceConfig, runtime: Runtime) -> Iterator[TokenVerifier]:
    if not config.identity_target:
        raise ConfigError("identity_target: not set; tokens are verified with identity's keys")
    with identity_channel(config.identity_target, ca=config.tls_ca) as channel:
        keys = JwksFetcher(key_set_fetch(channel), runtime.machine_clock)
        yield TokenVerifier(name, keys, runtime.machine_clock)


@contextmanager
def _publisher(name: str, config: ServiceConfig, runtime: Runtime) -> Iterator[Worker]:
    publisher = Publisher(runtime.db, name, config.amqp_url.get_secret_value(), ca=config.tls_ca)
    yield Worker("publisher", PUBLISHER_SECONDS, publisher.run_once, lease=Lease(runtime.db, "publisher"))
    publisher.close()


@contextmanager
def _metrics(port: int | None) -> Iterator[int | None]:
    if port is None:
        yield None
        return
    endpoint = start_metrics(port)
    yield endpoint.port
    endpoint.stop()
