"""Completes the ledger from the services' feeds, so that a fact the bus lost is only late.

A feed's facts pass through the same inbox as those of the bus, and all of them: a noun that nobody put into
the table of events.py is on the ledger nevertheless. The ledger's own facts come from its own feed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jiangheng.api.feed.v1 import feed_pb2
from jiangheng.api.feed.v1.feed_pb2_grpc import FeedServiceStub
from jiangheng.chassis.client import channel
from jiangheng.chassis.config import ConfigError
from jiangheng.chassis.feed import HeadSigner, read_feed
from jiangheng.chassis.identity_client import ServiceTokens, identity_channel
from jiangheng.chassis.reconcile import FeedReader, Fetch, fetching
from jiangheng.chassis.runtime import Runtime
from jiangheng.chassis.service_key import key_id_of, load_service_key
from jiangheng.supervision.config import Source, SupervisionConfig
from jiangheng.supervision.events import whole_feed
from jiangheng.supervision.evidence_file import Unreadable, pem_key

_FEED = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]


def readers(runtime: Runtime, config: SupervisionConfig) -> Iterator[tuple[str, FeedReader]]:
    """One reader for each source, and one for supervision itself, by the source's name."""
    key = load_service_key(config.service_key_file)
    identity = identity_channel(config.identity_target, ca=config.tls_ca)
    tokens = ServiceTokens(runtime.name, key, identity, runtime.machine_clock)
    for name, source in config.sources.items():
        fetch = fetching(_feed_of(source, config), partial(tokens.token, name))
        yield name, _reader(runtime, name, fetch, _public_key(name, source.key_file))
    yield runtime.name, _reader(runtime, runtime.name, _own(runtime, key), key.public_key())


def _reader(runtime: Runtime, source: str, fetch: Fetch, key: Ed25519PublicKey) -> FeedReader:
    clock = runtime.machine_clock
    return FeedReader(runtime.db, runtime.name, source, fetch, key, [whole_feed(source, clock)], clock)


def _feed_of(source: Source, config: SupervisionConfig) -> FeedServiceStub:
    return FeedServiceStub(channel(source.target, [_FEED], ca=config.tls_ca))


def _own(runtime: Runtime, key: Ed25519PrivateKey) -> Fetch:
    return partial(read_feed, runtime, HeadSigner(key_id_of(key.public_key()), key))


def _public_key(name: str, path: Path) -> Ed25519PublicKey:
    try:
        return pem_key(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError, Unreadable) as error:
        raise ConfigError(f"sources.{name}.key_file {path}: {error}") from None
