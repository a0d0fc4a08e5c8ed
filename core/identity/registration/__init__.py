"""Registering as an applicant, codes by telephone, and resets of lost passwords."""
