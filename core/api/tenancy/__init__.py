"""Offices and the health of their plugins over JSON."""
