"""The database: where it runs, who may see which rows, and the session that carries both."""
