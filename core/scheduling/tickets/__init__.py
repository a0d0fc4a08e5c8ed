"""Admission tickets (准考证), their verification, and the papers of a plan."""
