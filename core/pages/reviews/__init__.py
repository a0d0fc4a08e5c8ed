"""The desks of offices and units, and appeals, by pages."""
