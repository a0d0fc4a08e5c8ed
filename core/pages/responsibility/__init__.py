"""Pages of responsible persons and emergency plans."""
