"""Gateways of these tests: each remembers what it was given, and answers what the test put ready."""
