"""Training, sites, sittings, plans, tickets and exam day as pages."""
