"""Backups: everything of an installation as of one moment in one encrypted file, and the way back."""
