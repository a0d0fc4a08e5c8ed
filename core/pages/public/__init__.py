"""Pages for everybody: the front page, help and privacy."""
