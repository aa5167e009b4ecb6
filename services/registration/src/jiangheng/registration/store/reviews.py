"""The reviews of applications. Insert-only."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from google.protobuf import json_format

from jiangheng.api.registration.v1 import application_pb2 as pb
from jiangheng.chassis.canonical import canonical_json, message_json
from jiangheng.chassis.db import Tx
from jiangheng.chassis.privacy import FieldCipher
from jiangheng.registration.domain.application import Review, ReviewItem, Verdict
from jiangheng.registration.store.cases import Row
from jiangheng.registration.tables import review as reviews
from jiangheng.registration.wire.applications import finding_from_wire, finding_to_wire


def add(tx: Tx, cipher: FieldCipher, application_id: str, review: Review) -> None:
    """Keep a review; there is one for each revision at most."""
    tx.execute(
        sa.insert(reviews).values(
            application_id=application_id,
            revision=review.revision,
            verdict=review.verdict.value,
            reviewer=review.reviewer,
            at=review.at,
            finding=message_json(finding_to_wire(review.finding)).decode(),
            remarks=cipher.seal(_remarks(review), _context(application_id, review.revision)),
        )
    )


def of(tx: Tx, cipher: FieldCipher, ids: Collection[str]) -> Mapping[str, tuple[Review, ...]]:
    """All reviews of these applications, each one's in the order given; none for an id without any."""
    query = sa.select(reviews).where(reviews.c.application_id.in_(sorted(ids)))
    found: defaultdict[str, tuple[Review, ...]] = defaultdict(tuple)
    for row in tx.execute(query.order_by(reviews.c.application_id, reviews.c.revision)):
        found[row.application_id] += (_review(row, cipher),)
    return found


def _review(row: Row, cipher: FieldCipher) -> Review:
    remarks = json.loads(cipher.open(row.remarks, _context(row.application_id, row.revision)))
    finding = json_format.Parse(row.finding, pb.Finding(), ignore_unknown_fields=True)
    return Review(
        revision=row.revision,
        verdict=Verdict(row.verdict),
        reviewer=row.reviewer,
        at=row.at,
        items=tuple(ReviewItem(*item) for item in remarks["items"]),
        note=remarks["note"],
        against_finding=remarks["against_finding"],
        finding=finding_from_wire(finding),
    )


def _remarks(review: Review) -> str:
    items = [[item.kind, item.passed, item.source] for item in review.items]
    secret = {"items": items, "note": review.note, "against_finding": review.against_finding}
    return canonical_json(secret).decode()


def _context(application_id: str, revision: int) -> bytes:
    return f"registration.review.remarks:{application_id}:{revision}".encode()
