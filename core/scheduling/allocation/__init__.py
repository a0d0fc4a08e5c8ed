"""The allocation of seats: pure decisions, without database or framework. Read ``allocate`` first."""
