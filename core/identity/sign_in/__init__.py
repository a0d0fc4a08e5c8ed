"""Signing in: passwords, second factors, sessions, and limits on attempts."""
