"""Marks (成绩): tables taken in by two people, and absences."""
