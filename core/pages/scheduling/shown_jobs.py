"""What pages show of paper jobs: their parts, whether they are out of date, and whether one is still at work."""

from collections.abc import Sequence
from typing import Any

from core.db.session import OfficeSession
from core.scheduling.models.tickets import PaperJob
from core.scheduling.tickets import paper_jobs
from core.scheduling.tickets.paper_kinds import KIND_NAMES


def shown_jobs(session: OfficeSession, jobs: Sequence[PaperJob]) -> dict[str, Any]:
    """The values of the part ``scheduling/paper_jobs.html`` of a page."""
    ids = [job.id for job in jobs]
    return {
        "jobs": jobs,
        "job_names": {kind.value: name for kind, name in KIND_NAMES.items()},
        "outdated": paper_jobs.outdated(session, ids),
        "parts": paper_jobs.parts_of(session, ids),
        "working": any(job.state in {"waiting", "working"} for job in jobs),
    }
