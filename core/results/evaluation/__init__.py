"""The comprehensive review (综合评审) of grade one."""
