"""JSON over HTTP, a folder per capability. Only ``core.app`` imports it."""

from core.api import (
    applications,
    delegation,
    documents,
    identity,
    messages,
    organizations,
    oversight,
    results,
    reviews,
    sanctions,
    scheduling,
    seasons,
    tenancy,
)

ROUTERS = [
    *tenancy.ROUTERS,
    *seasons.ROUTERS,
    *identity.ROUTERS,
    *organizations.ROUTERS,
    *documents.ROUTERS,
    *applications.ROUTERS,
    *reviews.ROUTERS,
    *scheduling.ROUTERS,
    *delegation.ROUTERS,
    *results.ROUTERS,
    *sanctions.ROUTERS,
    *oversight.ROUTERS,
    *messages.ROUTERS,
]
