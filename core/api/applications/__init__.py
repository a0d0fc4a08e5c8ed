"""Applications over JSON."""
