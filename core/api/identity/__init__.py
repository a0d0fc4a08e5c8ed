"""Accounts, roles, registration and sign-in over JSON."""
