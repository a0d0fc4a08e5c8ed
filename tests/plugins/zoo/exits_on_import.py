"""Ends the process, or tries to, before it is even there."""

raise SystemExit(3)
