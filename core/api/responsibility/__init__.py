"""Responsible persons and emergency plans over JSON."""
