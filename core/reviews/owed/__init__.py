"""What the people of a unit, the unit and its department still owe, against the dates of the season."""
