"""Accounts, registration and staff by pages."""
