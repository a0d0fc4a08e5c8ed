"""A unit's table of people: its template, its reading and its import."""
