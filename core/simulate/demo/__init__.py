"""The demonstration: two seasons of invented people, and something that waits in every kind of work."""
