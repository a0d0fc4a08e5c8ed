"""The desks of offices and units by pages."""
