"""Bans, sanction cases and suspensions as JSON."""
