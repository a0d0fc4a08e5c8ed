"""Marks, evaluation, lists and certificates by pages."""
