"""Pages of the opening of sites, and of its alarms."""
