"""Notices and the outbox over JSON."""
