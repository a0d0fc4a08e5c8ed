"""The tables of exams."""
