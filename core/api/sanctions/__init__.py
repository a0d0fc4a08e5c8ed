"""Bans and cases of sanctions over JSON."""
