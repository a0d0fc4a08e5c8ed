"""Training, sites, sittings, plans, tickets and exam day over JSON."""
