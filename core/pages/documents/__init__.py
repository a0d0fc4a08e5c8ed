"""Papers and attachments by pages."""
