"""Migrations of supervision's tables (alembic)."""
