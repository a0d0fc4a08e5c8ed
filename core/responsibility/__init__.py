"""Responsibility for the assessment (2024 notice §4): responsible persons and emergency plans."""
