"""Marks, evaluation, lists and certificates over JSON."""
