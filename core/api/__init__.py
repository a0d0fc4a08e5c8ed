"""JSON over HTTP, a folder per capability. Only ``core.app`` imports it."""

CAPABILITIES = (
    *("tenancy", "seasons", "identity", "organizations", "documents", "applications", "reviews"),
    *("scheduling", "delegation", "results", "sanctions", "oversight", "responsibility", "messages"),
)
"""The folders, in the order in which the description of the API tells of them."""
