"""Pages of patrols (巡视)."""
