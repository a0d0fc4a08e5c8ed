"""Bans that hold in every office of the province."""
