"""What supervision does: one file per use case."""
