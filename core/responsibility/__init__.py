"""Responsibility for the assessment (2024 notice §4): responsible persons, emergency plans, patrols, accountability."""
