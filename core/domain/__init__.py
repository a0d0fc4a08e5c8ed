"""What the field itself decides, pure: verbs, permissions, calendars, pass rules. Read these first."""
