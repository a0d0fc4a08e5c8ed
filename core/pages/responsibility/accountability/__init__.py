"""Pages of accountability cases (责任追究)."""
