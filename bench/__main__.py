"""`make bench`: runs the benchmarks named (all by default) and prints ratios against the raw limits."""

from __future__ import annotations

import argparse
import importlib

from bench.report import print_json, print_table

BENCHES = {
    "merkle": "append to the evidence ledger's tree",
    "rpc": "an authenticated call beside a bare one",
    "bus": "a fact from outbox to consumer beside bare publishing",
    "rules": "decisions on eligibility and deadlines, and what importing the rules costs",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Rates and their ratio to the raw limit of the same run. Quote ratios, not absolutes.",
        epilog="; ".join(f"{name}: {what}" for name, what in BENCHES.items()),
    )
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], help="which to run; all by default")
    parser.add_argument("--json", action="store_true", help="for programs")
    chosen = parser.parse_args()
    results = []
    for name in chosen.names or BENCHES:
        results += importlib.import_module(f"bench.{name}").run()
    (print_json if chosen.json else print_table)(results)


if __name__ == "__main__":
    main()
