"""Accountability (责任追究) of staff and responsible persons: opened, heard, decided by a second officer, reported."""
