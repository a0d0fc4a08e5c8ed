"""Marks, evaluation, lists and certificates by pages."""

from core.pages.results import (
    awards,
    certificates,
    corrections,
    evaluation,
    marks,
    own_results,
    public_lists,
    unit_results,
)

PAGES = [
    *awards.PAGES,
    *certificates.PAGES,
    *corrections.PAGES,
    *evaluation.PAGES,
    *marks.PAGES,
    *own_results.PAGES,
    *public_lists.PAGES,
    *unit_results.PAGES,
]
