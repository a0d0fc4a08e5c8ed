"""Exam sites (考点), their rooms, and distances to them."""
