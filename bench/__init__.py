"""Benchmarks: each prints a rate beside the raw limit that was measured in the same run."""
