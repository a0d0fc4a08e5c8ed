"""Desks and queues, decisions, on-site confirmation, deferred material, rosters."""
