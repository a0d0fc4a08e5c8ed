"""Training, sites, sittings, plans, tickets and exam day as JSON."""

from core.api.scheduling import (
    accommodations,
    exam_day,
    invigilation,
    plans,
    safekeeping,
    sites,
    sittings,
    tickets,
    training,
)

ROUTERS = [
    accommodations.router,
    exam_day.router,
    invigilation.router,
    plans.router,
    safekeeping.router,
    sites.router,
    sittings.router,
    tickets.router,
    training.router,
]
