"""Upgrades of the database's tables, by Alembic. A step is a file in `versions`; a new one comes at the end."""
