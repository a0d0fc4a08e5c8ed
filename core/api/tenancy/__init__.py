"""Offices and the health of their plugins, as JSON."""
