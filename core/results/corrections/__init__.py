"""Score checks (复查) and corrections of marks (成绩更正)."""
