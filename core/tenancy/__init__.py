"""Offices, their configuration and their plugins."""
