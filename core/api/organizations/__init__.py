"""Units and their managers over JSON."""
