"""Papers and attachments over JSON."""
