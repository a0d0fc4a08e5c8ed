"""Offices, plugins and the installation by pages."""
