"""Delegation over JSON."""
