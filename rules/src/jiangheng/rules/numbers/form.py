"""The one normal form in which codes and numbers are compared, stored and checked."""

from __future__ import annotations

import re
import unicodedata


def normal_form(number: str) -> str:
    """A code or number as it is compared and stored: half width, capitals, no spaces and no hyphens."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number)).upper()
