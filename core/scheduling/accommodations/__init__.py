"""Accommodations (考试便利) of candidates."""
