"""Marks, outcomes, level-one evaluation, publication, certificates and archives."""
