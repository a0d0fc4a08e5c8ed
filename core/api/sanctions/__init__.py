"""Bans and sanction cases as JSON."""
