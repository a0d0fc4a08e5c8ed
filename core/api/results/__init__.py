"""Marks, evaluation, lists and certificates as JSON."""

from core.api.results import archive, awards, corrections, evaluation, marks, outcomes

ROUTERS = [archive.router, awards.router, corrections.router, evaluation.router, marks.router, outcomes.router]
