"""Filings, the board and the history of cases over JSON."""
