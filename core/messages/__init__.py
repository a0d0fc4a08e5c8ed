"""In-app notices and the outbox to the channels."""
