"""Files as offices send them, all invented, each with the reading that is expected of it."""
