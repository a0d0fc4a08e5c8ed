"""The hooks of offices: their specifications, guarded calls, floors for answers, and one typed class for core."""
