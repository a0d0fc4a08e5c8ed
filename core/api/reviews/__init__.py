"""Submission, review and on-site confirmation over JSON."""
