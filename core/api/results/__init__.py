"""Marks, evaluation, lists and certificates as JSON."""
