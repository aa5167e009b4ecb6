"""`python -m jiangheng.local`: the same as the command jiangheng-local."""

from __future__ import annotations

from jiangheng.local.command import main

main()
