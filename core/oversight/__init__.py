"""Filings to the provincial center, what is due, late or returned, and the figures."""
