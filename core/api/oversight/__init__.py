"""Filings, the board and the history of cases over JSON."""

from core.api.oversight import case_history, filings

ROUTERS = [case_history.router, filings.router]
