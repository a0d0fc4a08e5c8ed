"""Submission, review, on-site confirmation and appeals over JSON."""
