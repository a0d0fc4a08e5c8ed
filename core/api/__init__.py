"""JSON over HTTP, a folder per capability. Only ``core.app`` imports it."""
