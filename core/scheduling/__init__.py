"""Training, sites, sittings, the allocation of seats, admission tickets, exam day and safe-keeping."""
