"""Migrations of registration's tables (alembic)."""
