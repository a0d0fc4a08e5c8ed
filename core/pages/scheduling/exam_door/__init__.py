"""The door of a sitting on a phone, with and without a connection."""
