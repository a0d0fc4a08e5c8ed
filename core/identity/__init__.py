"""People, staff accounts, roles and sign-in."""
