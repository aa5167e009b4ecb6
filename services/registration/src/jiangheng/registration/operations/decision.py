"""What an officer signed for, compared with what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jiangheng.api.policy.v1.policy_pb2 import ActSignature
from jiangheng.chassis.errors import invalid
from jiangheng.registration.domain.signed import Signed


@dataclass(frozen=True)
class Signature:
    """A person's own signature over a request; the Guard has verified it."""

    key_id: str
    signature: bytes

    def at(self, moment: datetime) -> Signed:
        """As it is kept."""
        return Signed(moment, self.key_id, self.signature)

    def on_wire(self) -> ActSignature:
        """As it is told, so that anyone can check the act."""
        return ActSignature(key_id=self.key_id, signature=self.signature)


def refuse_other(field: str, signed_for: bytes, found: bytes, *, rule: str, clause: str) -> None:
    """Raise Problem INVALID if the person signed for something else than what is stored."""
    if signed_for != found:
        raise invalid(
            field,
            "签名所针对的内容与所存内容不一致。",
            "the signature is for something else than what is stored",
            rule=rule,
            clause=clause,
            code="other-content",
        )
