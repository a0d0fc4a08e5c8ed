"""Units and their managers by pages."""
