"""Pure: the period in which a result can be checked. It runs from the moment at which the candidate was told of it.

Source: the review of results of 2017, in days from the announcement; the number of days is a parameter.
"""

from datetime import datetime, timedelta

from core.clock import SHANGHAI, end_of


def check_until(told_at: datetime, days: int) -> datetime:
    """When a result can no longer be checked: 24:00 of the last of ``days`` days after it was told."""
    return end_of((told_at.astimezone(SHANGHAI) + timedelta(days=days)).date())
