"""The end of a year: the acts of the province, what is unfinished where, and what goes on into the next year."""
