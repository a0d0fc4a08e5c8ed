"""Training, sites, sittings, plans, tickets and exam day as pages."""

from core.pages.scheduling import (
    accommodations,
    candidate_search,
    distances,
    duty_roster,
    exam_day,
    invigilators,
    own_exam,
    own_seat,
    plans,
    safekeeping,
    sites,
    sittings,
    tickets,
    training,
    unit_training,
)

PAGES = [
    *accommodations.PAGES,
    *candidate_search.PAGES,
    *distances.PAGES,
    *duty_roster.PAGES,
    *exam_day.PAGES,
    *invigilators.PAGES,
    *own_exam.PAGES,
    *own_seat.PAGES,
    *plans.PAGES,
    *safekeeping.PAGES,
    *sites.PAGES,
    *sittings.PAGES,
    *tickets.PAGES,
    *training.PAGES,
    *unit_training.PAGES,
]
