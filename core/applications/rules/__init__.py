"""Rule documents and what they say of an application: pure decisions, without database or framework."""
