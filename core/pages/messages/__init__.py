"""Notices and the outbox by pages."""
