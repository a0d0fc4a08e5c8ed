"""Plugins of offices: found by name, at run time; they import only `core.plugin_api`."""
