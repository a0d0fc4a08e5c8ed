"""Pages for people, a folder per capability with the templates beside them. Only ``core.app`` imports it."""
