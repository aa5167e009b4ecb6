"""What supervision hears on the bus: every fact of every service goes on the evidence ledger."""

from __future__ import annotations

from functools import partial

from jiangheng.api.event.v1.envelope_pb2 import Envelope
from jiangheng.chassis.clocks import Clock
from jiangheng.chassis.consumer import Route
from jiangheng.chassis.db import Tx
from jiangheng.supervision.operations.record_fact import record_fact

# The one table of what is heard. A fact is taken in on arrival, whatever has
# come before it: its version and position tell its place, and the feed brings
# what the bus lost. So no route is ordered.
HEARD = (
    # source         noun
    ("identity", "person"),
    ("identity", "grant"),
    ("identity", "key"),
    ("identity", "principal"),
    ("identity", "refusal"),
    ("registration", "institution"),
    ("registration", "plan"),
    ("registration", "batch"),
    ("registration", "application"),
    ("registration", "site"),
    ("registration", "seating"),
    ("registration", "ticket"),
    ("registration", "refusal"),
    ("supervision", "refusal"),
)


def routes(clock: Clock) -> list[Route]:
    """The table above as routes of the chassis's consumer."""
    return [Route(source, f"{noun}.#", partial(_record, clock), ordered=False) for source, noun in HEARD]


def whole_feed(source: str, clock: Clock) -> Route:
    """For reading a feed: whatever the service states, also about nouns the table does not know yet."""
    return Route(source, "#", partial(_record, clock), ordered=False)


def _record(clock: Clock, tx: Tx, envelope: Envelope) -> None:
    record_fact(tx, envelope, clock)
