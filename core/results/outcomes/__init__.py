"""Outcomes (考核结果), worked out by the province's rule."""
