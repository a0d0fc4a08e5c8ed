"""Sittings (场次) of an office."""
