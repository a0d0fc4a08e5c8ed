"""Training, sites, sittings, plans, tickets and exam day as JSON."""
