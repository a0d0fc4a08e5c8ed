"""Pages of offices, plugins and the installation."""
