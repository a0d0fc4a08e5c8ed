"""Pages of responsible persons, emergency plans, patrols and accountability."""
