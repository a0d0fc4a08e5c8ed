"""Which offices exist, their configuration, their plugins."""
