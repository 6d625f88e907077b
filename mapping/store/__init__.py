"""One database: SQLite by default, PostgreSQL when several machines share it."""
