"""Pages of emergencies (突发事件)."""
