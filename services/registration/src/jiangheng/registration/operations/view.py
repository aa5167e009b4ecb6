"""What a reader gets to see of an institution (need to know: IAM-002).

The institution itself and the authority that decides on it see everything;
other readers, an auditor say, see names and telephone masked.
"""

from __future__ import annotations

from dataclasses import replace

from jiangheng.chassis.auth import Caller, Owner
from jiangheng.registration.domain.institution import APPLY, DECIDE, Institution
from jiangheng.rules.numbers import masked_name, masked_telephone


def as_seen_by(caller: Caller, found: Institution) -> Institution:
    """The institution with what is personal masked, unless it is the caller's to know."""
    owner = Owner(found.credit_code, found.dossier.division)
    if caller.covers(owner, APPLY, DECIDE):
        return found
    dossier = found.dossier
    masked = replace(
        dossier,
        legal_representative=masked_name(dossier.legal_representative),
        contact_name=masked_name(dossier.contact_name),
        contact_phone=masked_telephone(dossier.contact_phone),
    )
    return replace(found, dossier=masked)
