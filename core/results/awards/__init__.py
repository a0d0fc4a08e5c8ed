"""Lists of those who passed, objections, and certificates."""
