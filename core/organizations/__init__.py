"""Units, competent departments, and their registration managers."""
