"""Responsible persons, emergency plans, patrols and accountability over JSON."""
