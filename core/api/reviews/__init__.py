"""Submission, review and on-site confirmation over JSON."""

from core.api.reviews import onsite, reviews

ROUTERS = [onsite.router, reviews.router]
