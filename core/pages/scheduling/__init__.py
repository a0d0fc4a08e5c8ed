"""Training, sites, sittings, plans, tickets and exam day by pages."""
