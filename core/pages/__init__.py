"""Pages for people, a folder per capability with the templates beside them. Only ``core.app`` imports it."""

from core.pages import (
    applications,
    audit,
    delegation,
    documents,
    identity,
    messages,
    organizations,
    oversight,
    public,
    results,
    reviews,
    sanctions,
    scheduling,
    seasons,
    tenancy,
)

PAGES = [
    *tenancy.PAGES,
    *seasons.PAGES,
    *identity.PAGES,
    *organizations.PAGES,
    *documents.PAGES,
    *applications.PAGES,
    *reviews.PAGES,
    *scheduling.PAGES,
    *delegation.PAGES,
    *results.PAGES,
    *sanctions.PAGES,
    *oversight.PAGES,
    *messages.PAGES,
    *audit.PAGES,
    *public.PAGES,
]
