"""The lists of cases at the desk: orders and filters."""
