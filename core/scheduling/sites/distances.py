"""Distances from counties to sites (路程): a plan minimises them once everybody is seated and units sit apart.

The measure is the office's own, minutes or kilometres, the same for all sites: they are only compared. A distance
that is not given counts as :data:`core.scheduling.allocation.problem.FAR`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from core.applications.models import Application
from core.audit import service as audit
from core.db.session import OfficeSession
from core.domain.workflow import State
from core.errors import Invalid, NotFound
from core.scheduling.access import must_schedule
from core.scheduling.allocation.problem import FAR
from core.scheduling.models.sites import ExamSite, SiteOffice, SitePreference
from core.scheduling.sites.service import sites_for
from core.tenancy.models import Office

FARTHEST = 100_000
"""More than any distance, even in metres."""


@dataclass(frozen=True, slots=True)
class Origin:
    """An origin of distances: a county of the office or the office itself, with its number of qualified candidates."""

    office_id: str
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class Distances:
    """The distances of an office's year from ``origins`` to ``sites``; ``costs`` holds those that are given."""

    origins: Sequence[Origin]
    sites: Sequence[ExamSite]
    costs: Mapping[tuple[str, UUID], int]

    def nearest(self, office_id: str) -> Sequence[ExamSite]:
        """The sites that a plan fills first with the candidates of a county; none where all are equally far."""
        ways = {site.id: self.costs.get((office_id, site.id), FAR) for site in self.sites}
        if len(set(ways.values())) < 2:
            return []
        return [site for site in self.sites if ways[site.id] == min(ways.values())]


def distances_of(session: OfficeSession, year: int) -> Distances:
    """The distances from the office's counties to the sites that it may use and that are not closed."""
    found = select(SitePreference).where(SitePreference.office_id == session.office_id)
    return Distances(
        _origins(session, year),
        [site for site in sites_for(session, session.office_id, year) if site.closed_at is None],
        {(row.local_office_id, row.site_id): row.cost for row in session.scalars(found)},
    )


def set_distances(session: OfficeSession, costs: Mapping[tuple[str, UUID], int | None]) -> None:
    """Set distances: (county's office, site) → distance; None removes one.

    One entry on the record for the whole list. Existing plans do not change. Invalid for a distance that is negative or
    above :data:`FARTHEST`; NotFound for a site that the office may not use.
    """
    must_schedule(session)
    if any(cost is not None and not 0 <= cost <= FARTHEST for cost in costs.values()):
        raise Invalid("cost_out_of_range", f"路程须在0至{FARTHEST}之间。请改正。", fields={"cost": "请改正"})
    if not costs:
        return
    _check_sites(session, {site_id for _, site_id in costs})
    said = {key: cost for key, cost in sorted(costs.items()) if cost is not None}
    _write(session, said)
    gone = [key for key in costs if key not in said]
    named = tuple_(SitePreference.local_office_id, SitePreference.site_id).in_(gone)
    session.execute(delete(SitePreference).where(SitePreference.office_id == session.office_id, named))
    listed = [[local, str(site_id), cost] for (local, site_id), cost in sorted(costs.items())]
    subject = audit.RecordSubject(session.office_id, "office", session.office_id)
    audit.record_on(session, subject, "site.preferences_set", rows=len(listed), digest=audit.digest_of(listed).hex())


def _write(session: OfficeSession, said: Mapping[tuple[str, UUID], int]) -> None:
    rows = [
        {"office_id": session.office_id, "local_office_id": local, "site_id": site_id, "cost": cost}
        for (local, site_id), cost in said.items()
    ]
    if rows:
        added = insert(SitePreference)
        keys = ["office_id", "local_office_id", "site_id"]
        session.execute(added.on_conflict_do_update(index_elements=keys, set_={"cost": added.excluded.cost}), rows)


def _check_sites(session: OfficeSession, wanted: set[UUID]) -> None:
    served = select(SiteOffice.site_id).where(SiteOffice.served_office_id == session.office_id)
    if wanted - set(session.scalars(served)):
        raise NotFound("site_not_found", "没有找到所填的考点，或者它没有向本机构开放。请刷新后重试。")


def _origins(session: OfficeSession, year: int) -> list[Origin]:
    qualified = (
        select(Application.local_office_id, func.count().label("people"))
        .where(Application.office_id == session.office_id, Application.year == year)
        .where(Application.state == State.QUALIFIED)
        .group_by(Application.local_office_id)
        .subquery()
    )
    people = func.coalesce(qualified.c.people, 0)
    wanted = (
        select(Office.id, Office.name, people)
        .outerjoin(qualified, qualified.c.local_office_id == Office.id)
        .where(or_(Office.id == session.office_id, Office.parent_id == session.office_id, people > 0))
        .order_by(Office.id)
    )
    return [Origin(*row) for row in session.execute(wanted)]
