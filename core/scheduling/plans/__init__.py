"""Seating plans (编排方案): drawn up, reviewed, published, drawn up again."""
