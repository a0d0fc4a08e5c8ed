"""The archive of a season: everything of an office and a year in one signed file, with a readable index."""
