"""What single offices add to the platform: found by name, at run time, and given only `core.plugin_api`."""
