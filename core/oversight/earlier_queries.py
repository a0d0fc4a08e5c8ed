"""What is open in seasons that have ended, for its one desk: reopened cases, sanction cases, objections and the like.

Nothing new begins in such a season (``docs/decisions/0032-an-ended-season.md``); what is counted here is brought to its
end there. The cases of a desk are those that its office has in hand, so each case waits at one desk only.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Select, func, literal, select, union_all

from core.applications.models import Application, CaseCount
from core.db.session import OfficeSession, ProvinceSession, ScopedSession, UnitSession
from core.delegation.models import Sample, SampleItem
from core.domain.permissions import Permission
from core.domain.workflow import State
from core.oversight.models import Filing
from core.results.models.awards import Objection, Publication
from core.results.models.corrections import MarkCorrection, ScoreCheck
from core.results.models.evaluation import EvaluationPanel, EvaluationSheet
from core.results.models.marks import MarkImport
from core.reviews.queue import WORK
from core.reviews.unit_people import waiting_by_year
from core.sanctions.cases import allowed
from core.sanctions.models import SanctionCase
from core.sanctions.procedure import OPEN
from core.seasons.queries import latest_season

Counted: TypeAlias = Select[str, int, int]
"""A kind, a year, and how many."""


class Open(StrEnum):
    """A kind of open matter."""

    QUALIFICATION_REVIEW = State.QUALIFICATION_REVIEW.value
    ONSITE_CONFIRMATION = State.ONSITE_CONFIRMATION.value
    PROVISIONAL = State.PROVISIONAL.value
    AT_UNIT = "at_unit"
    SANCTION = "sanction"
    OBJECTION = "objection"
    LIST = "list"
    SAMPLE = "sample"
    CHECK = "check"
    CORRECTION = "correction"
    MARKS = "marks"
    PANEL = "panel"
    SHEET = "sheet"
    FILING = "filing"


@dataclass(frozen=True, slots=True)
class EarlierWork:
    """How many matters of a kind wait for the actor in a season that has ended."""

    year: int
    kind: Open
    count: int


def earlier_work(session: ScopedSession) -> list[EarlierWork]:
    """What waits for the actor in ended seasons, the latest first; nothing for those who decide nothing."""
    current = latest_season(session)
    if current is None:
        return []
    if isinstance(session, UnitSession):
        waiting = waiting_by_year(session, current.year)
        return _sorted({(year, Open.AT_UNIT): count for year, count in waiting.items()})
    if isinstance(session, OfficeSession | ProvinceSession):
        return _sorted(_waiting(session, current.year))
    return []


def work_beside_cases(session: OfficeSession, year: int) -> list[EarlierWork]:
    """What waits for the actor in one season, whether or not it has ended, beside the cases of the desk."""
    found = _waiting(session, year + 1)
    return _sorted({key: count for key, count in found.items() if key[0] == year and key[1].value not in WORK})


def _sorted(found: Mapping[tuple[int, Open], int]) -> list[EarlierWork]:
    kinds = list(Open)
    waits = [EarlierWork(year, kind, int(count)) for (year, kind), count in found.items() if count > 0]
    return sorted(waits, key=lambda work: (-work.year, kinds.index(work.kind)))


def _waiting(session: OfficeSession | ProvinceSession, before: int) -> Counter[tuple[int, Open]]:
    """What waits for the actor in the seasons before a year."""
    found: Counter[tuple[int, Open]] = Counter()
    wanted = _counted(session, before)
    if wanted:
        for kind, year, count in session.execute(union_all(*wanted)):
            if year < before:
                found[year, Open(kind)] += count
    found.update(_sanctions(session, before))
    return found


def _counted(session: OfficeSession | ProvinceSession, before: int) -> list[Counted]:
    """One count by year for each kind that the actor may bring to its end."""
    may, office = session.actor.may_change, session.office_id
    wanted: list[Counted] = []
    if may & {Permission.REVIEW, Permission.CONFIRM}:
        at_desk = select(CaseCount.what, CaseCount.year, func.sum(CaseCount.n)).where(
            CaseCount.handler_office_id == office, CaseCount.year < before, ~CaseCount.decision
        )
        wanted.append(at_desk.where(CaseCount.what.in_(WORK)).group_by(CaseCount.what, CaseCount.year))
    if Permission.SUPERVISE in may:
        wanted += _of_supervisors(office)
    if Permission.EXAMINE in may:
        wanted += _of_examiners(office, session.actor.account_id)
    if Permission.LEAD_PROVINCE in may and isinstance(session, ProvinceSession):
        filed = select(Filing.year).where(Filing.state == "filed")
        wanted.append(_count(Open.FILING, filed))
    return wanted


def _of_supervisors(office: str) -> list[Counted]:
    objections = select(Publication.year).join(Objection, Objection.publication_id == Publication.id)
    lists = select(Publication.year).where(Publication.office_id == office, Publication.state != "closed")
    samples = select(Sample.year).join(SampleItem, SampleItem.sample_id == Sample.id)
    corrections = select(Application.year).join(MarkCorrection, MarkCorrection.application_id == Application.id)
    return [
        _count(Open.OBJECTION, objections.where(Objection.office_id == office, Objection.state == "open")),
        _count(Open.LIST, lists),
        _count(Open.SAMPLE, samples.where(SampleItem.office_id == office, SampleItem.verdict == "open")),
        _count(Open.CORRECTION, corrections.where(MarkCorrection.office_id == office, MarkCorrection.state == "asked")),
    ]


def _of_examiners(office: str, account: UUID) -> list[Counted]:
    checks = select(Application.year).join(ScoreCheck, ScoreCheck.application_id == Application.id)
    imports = select(MarkImport.year).where(MarkImport.office_id == office, MarkImport.state == "proposed")
    panels = select(EvaluationPanel.year).where(EvaluationPanel.office_id == office, EvaluationPanel.state == "scoring")
    sheets = select(EvaluationPanel.year).join(EvaluationSheet, EvaluationSheet.panel_id == EvaluationPanel.id)
    return [
        _count(Open.CHECK, checks.where(ScoreCheck.office_id == office, ScoreCheck.state == "open")),
        _count(Open.MARKS, imports),
        _count(Open.PANEL, panels),
        _count(Open.SHEET, sheets.where(EvaluationSheet.account_id == account, EvaluationSheet.state == "open")),
    ]


def _count(kind: Open, years: Select[Any]) -> Counted:
    """The matters of a kind by year; ``years`` selects the year of each."""
    each = years.subquery()
    (year,) = each.c
    return select(literal(kind.value), year, func.count()).where(year.is_not(None)).group_by(year)


def _sanctions(session: OfficeSession | ProvinceSession, before: int) -> Counter[tuple[int, Open]]:
    """The sanction cases in which the next step may be the actor's."""
    wanted = (
        select(SanctionCase, Application.year)
        .join(Application, Application.id == SanctionCase.application_id)
        .where(Application.year < before, SanctionCase.state.in_([state.value for state in OPEN]))
    )
    return Counter((year, Open.SANCTION) for case, year in session.execute(wanted) if allowed(session, case))
