"""Emergencies (突发事件) of an exam day: reported at once to the office and the center, answered, and closed."""
