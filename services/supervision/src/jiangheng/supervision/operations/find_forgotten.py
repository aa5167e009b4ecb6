"""Finds facts that were taken in and fell off the list of work, so that losing the list only delays."""

from __future__ import annotations

from jiangheng.chassis.runtime import Runtime
from jiangheng.chassis.telemetry import get_logger
from jiangheng.supervision import store

_log = get_logger(__name__)


def find_forgotten(runtime: Runtime) -> None:
    """Put every fact without an entry on the list of work. Looks through the whole log: be sparing."""
    with runtime.db.write() as tx:
        found = store.find_forgotten(tx)
    if found:
        _log.warning("facts had fallen off the list of work", facts=found)
