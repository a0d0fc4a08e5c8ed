"""The day of the exam: door lists, arrivals, incidents, search, and safe-keeping afterwards."""
