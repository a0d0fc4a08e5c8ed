"""Delegation and spot checks by pages."""
