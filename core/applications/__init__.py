"""Applications: the form, eligibility and the life cycle."""
