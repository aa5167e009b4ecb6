"""Runs the suite and its backing servers on one machine: for demos, for tests and for trying things."""
