"""Pages of sanction cases."""
