"""Migrations of the gradebook's tables, by Alembic: one file for each version, never changed once released."""
