"""The edge: dependencies, guards, one mapping of errors, pages and API routes."""
