"""Appeals (申诉) against failed eligibility reviews."""
