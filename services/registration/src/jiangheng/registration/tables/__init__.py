"""The tables of registration; the chassis's own stand beside them."""

from jiangheng.registration.tables.base import chassis, metadata, step
from jiangheng.registration.tables.institutions import institution, institution_serial

__all__ = ["chassis", "institution", "institution_serial", "metadata", "step"]
