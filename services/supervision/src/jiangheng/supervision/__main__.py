"""supervision's processes: serve | consume | migrate | check-config."""

from __future__ import annotations

from jiangheng.chassis.process import main
from jiangheng.supervision.app import PROGRAM

if __name__ == "__main__":
    main(PROGRAM)
