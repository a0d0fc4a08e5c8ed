"""What waits for an officer, by kind of work: cases, requests, second halves of acts; counted in one statement.

Every page that shows such a figure takes it from here, so that they agree. Cases come from the counters that triggers
keep. The cases of a desk are those that its office has in hand and has to decide: what units and departments still
review waits for them, and is not counted here. Nor is anything else that the actor cannot bring forward now: a case
whose paper has yet to come, a second half that another person has to do, a list whose time before the public runs.

Nothing new begins in a season that has ended (``docs/decisions/0032-an-ended-season.md``); what is open there is
brought to its end there. A request about a person and no season waits in the current one.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeAlias, cast
from uuid import UUID

from sqlalchemy import BigInteger, Select, Text, column, func, literal, or_, select, union_all

from core.applications.models import Application, CaseCount
from core.clock import start_of
from core.db.session import OfficeSession, ProvinceSession, ScopedSession, UnitSession
from core.delegation.models import Sample, SampleItem
from core.domain.permissions import EXAM_ANSWERABLE, Permission
from core.domain.workflow import State
from core.identity.models import FactorRemoval, IdentityCorrection
from core.organizations.directory import FORM_WAITS
from core.organizations.models import ManagerForm
from core.oversight.kept_queries import Built, KeptStatement, Values, keep
from core.oversight.models import Filing
from core.responsibility.accountability.queries import cases_waiting, own_cases_waiting
from core.responsibility.patrols.queries import ANSWERS, findings_open_at, work_of_members, work_of_supervisors
from core.responsibility.plan_queries import plans_waiting
from core.responsibility.queries import today
from core.results.archive.handover_queries import lists_at_units, packages_waiting, papers_waiting, years_to_archive
from core.results.awards.certificates import lacks_certificates
from core.results.awards.list_queries import remedy_due
from core.results.ledger.places import AT_OFFICE
from core.results.ledger.queries import batches_at_units, waits_at
from core.results.models.awards import CertificateReissue, Objection, Publication, Striking
from core.results.models.corrections import MarkCorrection, ScoreCheck
from core.results.models.evaluation import EvaluationPanel, EvaluationSheet, PanelRanking
from core.results.models.marks import MarkImport
from core.reviews.inquiries.service import waits_at as asked_at
from core.reviews.models import Inquiry, OnsiteBatch, ReviewAppeal
from core.reviews.queue import PAPERS_ARE_IN, WORK
from core.reviews.unit_people import waiting_by_year
from core.sanctions.models import Ban, SanctionCase
from core.sanctions.steps import waits_for
from core.scheduling.models.accommodations import AccommodationRequest
from core.scheduling.models.emergencies import Emergency
from core.scheduling.models.openings import OpeningAlarm
from core.scheduling.models.plans import Plan
from core.scheduling.tickets.lacking import lacking_tickets
from core.seasons.queries import latest_season
from core.tenancy.models import Office

Counted: TypeAlias = Select[str, int, int]
"""A kind, a year, and how many."""

_COUNTS_NOTHING: Final = frozenset({Permission.AUDIT, Permission.OPERATE})
"""What auditors and operators may do: their menus count nothing."""


class Open(StrEnum):
    """A kind of open matter."""

    QUALIFICATION_REVIEW = State.QUALIFICATION_REVIEW.value
    ONSITE_CONFIRMATION = State.ONSITE_CONFIRMATION.value
    PROVISIONAL = State.PROVISIONAL.value
    APPEAL = "appeal"
    INQUIRY = "inquiry"
    IDENTITY = "identity"
    FORM = "form"
    AT_UNIT = "at_unit"
    SANCTION = "sanction"
    OBJECTION = "objection"
    STRIKING = "striking"
    LIST = "list"
    CERTIFICATE = "certificate"
    SAMPLE = "sample"
    CHECK = "check"
    CORRECTION = "correction"
    MARKS = "marks"
    PANEL = "panel"
    SHEET = "sheet"
    RANKING = "ranking"
    REISSUE = "reissue"
    HANDOUT = "handout"
    ARCHIVE = "archive"
    HANDOVER = "handover"
    TO_SIGN_FOR = "to_sign_for"
    TO_FILE = "to_file"
    ACCOMMODATION = "accommodation"
    PLAN = "plan"
    TICKETS = "tickets"
    BATCH = "batch"
    BAN = "ban"
    FILING = "filing"
    EMERGENCY = "emergency"
    EMERGENCY_PLAN = "emergency_plan"
    PATROL = "patrol"
    ACCOUNTABILITY = "accountability"
    FACTOR = "factor"


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
        waiting = {(year, Open.AT_UNIT): count for year, count in waiting_by_year(session, current.year).items()}
        handed = {key: count for key, count in _handed_to_unit(session).items() if key[0] < current.year}
        return _sorted(waiting | handed)
    if isinstance(session, OfficeSession | ProvinceSession):
        return _sorted(_waiting(session, current.year))
    return []


def work_of_season(
    session: OfficeSession | ProvinceSession | UnitSession, year: int, *, current: bool
) -> dict[Open, int]:
    """What waits for the actor in one season, by kind; one statement. ``current``: no later season has begun.

    For a unit that is what was handed over to it; the first page counts the people whom it has to review.
    """
    if isinstance(session, UnitSession):
        return {kind: count for (of_year, kind), count in _handed_to_unit(session).items() if of_year == year}
    found = _waiting(session, year + 1, undated=year if current else None)
    return {kind: int(count) for (of_year, kind), count in found.items() if of_year == year and count > 0}


def _handed_to_unit(session: UnitSession) -> dict[tuple[int, Open], int]:
    """What the session's units were handed over and have not said that they have, by year; one statement."""
    each = union_all(_count(Open.TO_SIGN_FOR, batches_at_units()), _count(Open.TO_FILE, lists_at_units()))
    return {(year, Open(kind)): int(count) for kind, year, count in session.execute(each)}


def _sorted(found: Mapping[tuple[int, Open], int]) -> list[EarlierWork]:
    kinds = list(Open)
    waits = [EarlierWork(year, kind, int(count)) for (year, kind), count in found.items() if count > 0]
    return sorted(waits, key=lambda work: (-work.year, kinds.index(work.kind)))


def _waiting(
    session: OfficeSession | ProvinceSession, before: int, *, undated: int | None = None
) -> Counter[tuple[int, Open]]:
    """What waits for the actor in the seasons before a year; what is of no season counts for the year ``undated``."""
    found: Counter[tuple[int, Open]] = Counter()
    actor, now = session.actor, session.now
    statement = _statement(actor.may_change, on_behalf=actor.on_behalf_of is not None, dated=undated is not None)
    if statement is not None:
        values = {"office": session.office_id, "me": actor.account_id, "behalf": actor.on_behalf_of, "now": now}
        values |= {"today": today(session), "before": before, "undated": undated}
        for kind, year, count in statement.execute(session, values):
            if year < before:
                found[year, Open(kind)] += count
    return found


@cache
def _statement(may: frozenset[Permission], *, on_behalf: bool, dated: bool) -> KeptStatement | None:
    """The statement for everybody with these permissions: each page asks it, and building it took a fifth of a page."""

    def build(values: Values) -> Built:
        actor = _Somebody(values["me"], values["behalf"] if on_behalf else None, may)
        asker = cast(OfficeSession, _Asker(values["office"], actor, values["now"]))
        return union_all(*_counted(asker, values["before"], values["undated"] if dated else None))

    nobody = _Somebody(UUID(int=0), None, may)
    if not _counted(cast(OfficeSession, _Asker("", nobody, _SAMPLES[0]["now"])), 0, 0):
        return None
    return keep(build, *_SAMPLES)


@dataclass(frozen=True, slots=True)
class _Somebody:
    account_id: UUID
    on_behalf_of: UUID | None
    may_change: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class _Asker:
    """What a statement is built from, in place of a session."""

    office_id: str
    actor: _Somebody
    now: datetime


def _sample(number: int, day: date) -> Values:
    numbers = {"before": 10 * number + 1, "undated": 10 * number + 2}
    accounts = {"me": UUID(int=10 * number + 3), "behalf": UUID(int=10 * number + 4)}
    return {"office": f"office {number}", "now": start_of(day), "today": day, **numbers, **accounts}


_SAMPLES: Final = (_sample(100, date(1901, 1, 1)), _sample(200, date(1902, 2, 2)))
"""Two sets of values that stand nowhere in a statement by themselves."""


def _counted(session: OfficeSession | ProvinceSession, before: int, undated: int | None) -> list[Counted]:
    """One count by year for each kind that the actor may bring to its end."""
    may, office = session.actor.may_change, session.office_id
    wanted: list[Counted] = []
    if may & {Permission.REVIEW, Permission.CONFIRM}:
        wanted += _of_reviewers(office, before)
    if Permission.RUN_OFFICE in may and undated is not None:
        wanted += _of_people(session, undated)
    if Permission.RUN_OFFICE in may:
        wanted.append(_count(Open.HANDOUT, waits_at(office, AT_OFFICE)))
        wanted += [_count(Open.HANDOVER, years) for years in papers_waiting(office)]
        wanted.append(_count(Open.EMERGENCY_PLAN, plans_waiting(office, session.actor.account_id, undated)))
    wanted += _of_patrols(session) + _of_accountability(session)
    if Permission.SUPERVISE in may:
        wanted += _of_supervisors(session) + _of_archives(office, ended=undated is None)
        wanted += _of_the_center() if Permission.LEAD_PROVINCE in may else _of_cities(session)
    if Permission.EXAMINE in may:
        wanted += _of_examiners(office, session.actor.account_id)
    if Permission.SCHEDULE in may:
        asked = select(AccommodationRequest.year).where(AccommodationRequest.office_id == office)
        wanted.append(_count(Open.ACCOMMODATION, asked.where(AccommodationRequest.state == "asked")))
        # No plan is published in a season that has ended.
        plans = select(Plan.year).where(Plan.office_id == office, Plan.state == "draft", Plan.year == undated)
        wanted.append(_count(Open.PLAN, plans))
        wanted.append(_count(Open.TICKETS, lacking_tickets(office, session.now).where(Plan.year == undated)))
    if may & EXAM_ANSWERABLE:
        wanted += _of_exam_days(office)
    elif Permission.EXAMINE in may:
        # Who works on site reports on; closing is for those who answer for the exam.
        going_on = select(Emergency.year).where(Emergency.office_id == office, Emergency.state == "open")
        wanted.append(_count(Open.EMERGENCY, going_on))
    if Permission.LEAD_PROVINCE in may:
        filed = select(Filing.year).where(Filing.state == "filed", Filing.to_office_id == office)
        wanted.append(_count(Open.FILING, filed))
    return wanted


def _of_archives(office: str, *, ended: bool) -> list[Counted]:
    """Packages to hand over, and the seasons to archive: those that have ended."""
    found = [_count(Open.HANDOVER, years) for years in packages_waiting(office)]
    return [*found, _count(Open.ARCHIVE, years_to_archive(office))] if ended else found


def _of_patrols(session: OfficeSession | ProvinceSession) -> list[Counted]:
    """Visits that the actor has to make, findings at places of the office, and what waits for supervisors."""
    may, office = session.actor.may_change - _COUNTS_NOTHING, session.office_id
    accounts = [account for account in (session.actor.account_id, session.actor.on_behalf_of) if account]
    found = [work_of_members(office, accounts, today(session))] if may else []
    found += [findings_open_at(office)] if may & ANSWERS else []
    found += work_of_supervisors(office) if Permission.SUPERVISE in may else []
    return [_count(Open.PATROL, years) for years in found]


def _of_accountability(session: OfficeSession | ProvinceSession) -> list[Counted]:
    """Cases that a supervisor has to bring forward, and one in which the actor may speak."""
    me, now = session.actor.account_id, session.now
    accounts = [account for account in (me, session.actor.on_behalf_of) if account]
    found = [own_cases_waiting(me, now)] if session.actor.may_change - _COUNTS_NOTHING else []
    if Permission.SUPERVISE in session.actor.may_change:
        found.append(cases_waiting(session.office_id, accounts, now))
    return [_count(Open.ACCOUNTABILITY, years) for years in found]


def _of_reviewers(office: str, before: int) -> list[Counted]:
    at_desk = select(CaseCount.what, CaseCount.year, func.sum(CaseCount.n)).where(
        CaseCount.handler_office_id == office, CaseCount.year < before, ~CaseCount.decision
    )
    stages = [stage for stage in WORK if stage != State.PROVISIONAL]
    supplied = select(Application.year).where(
        Application.handler_office_id == office, Application.state == State.PROVISIONAL, PAPERS_ARE_IN
    )
    batches = select(OnsiteBatch.year).where(OnsiteBatch.office_id == office, OnsiteBatch.state == "handed_in")
    return [
        at_desk.where(CaseCount.what.in_(stages)).group_by(CaseCount.what, CaseCount.year),
        _count(Open.PROVISIONAL, supplied),
        _count(Open.BATCH, batches),
        _count(Open.INQUIRY, select(Inquiry.year).where(asked_at(office))),
    ]


def _of_people(session: OfficeSession | ProvinceSession, year: int) -> list[Counted]:
    """Requests about a person or a certificate, annex forms of managers, bans of earlier years: all of no season.

    Of two halves of an act the first waits for reviewers, the second for a supervisor who did not do the first.
    """
    may, office, me = session.actor.may_change, session.office_id, session.actor.account_id
    undated = select(literal(year).label("year"))
    of_correction, of_reissue = IdentityCorrection.state, CertificateReissue.state
    first, second = Permission.REVIEW in may, Permission.SUPERVISE in may
    another_examined = IdentityCorrection.examined_by.is_distinct_from(me) & (IdentityCorrection.asked_by != me)
    another_proposed = CertificateReissue.proposed_by.is_distinct_from(me) & (CertificateReissue.asked_by != me)
    corrections = ((of_correction == "asked") & literal(first)) | (
        (of_correction == "examined") & another_examined & literal(second)
    )
    reissues = ((of_reissue == "asked") & literal(first)) | (
        (of_reissue == "proposed") & another_proposed & literal(second)
    )
    found = [
        _count(Open.IDENTITY, undated.where(IdentityCorrection.office_id == office, corrections)),
        _count(Open.REISSUE, undated.where(CertificateReissue.office_id == office, reissues)),
        _count(Open.FORM, undated.where(ManagerForm.office_id == office, FORM_WAITS)),
    ]
    if Permission.STAFF in may:
        found.append(_count(Open.FACTOR, _of_factors(session, year)))
    if Permission.LEAD_PROVINCE in may:
        bans = Ban.case_id.is_(None) & Ban.confirmed_at.is_(None) & Ban.lifted_at.is_(None) & (Ban.decided_by != me)
        found.append(_count(Open.BAN, undated.where(Ban.office_id == office, bans)))
    return found


def _of_factors(session: OfficeSession | ProvinceSession, year: int) -> Select[int]:
    """Proposals to take a second factor away that somebody else made: here, or where nobody else there may decide."""
    office, me = session.office_id, session.actor.account_id
    below = FactorRemoval.office_id.in_(select(Office.id).where(Office.parent_id == office))
    waits = (FactorRemoval.state == "proposed") & (FactorRemoval.expires_at > session.now)
    another = (FactorRemoval.proposed_by != me) & (FactorRemoval.account_id != me)
    here = (FactorRemoval.office_id == office) & ~FactorRemoval.for_superior
    return select(literal(year).label("year")).where(waits & another & (here | (below & FactorRemoval.for_superior)))


def _of_cities(session: OfficeSession | ProvinceSession) -> list[Counted]:
    appeals = select(Application.year).join(ReviewAppeal, ReviewAppeal.application_id == Application.id)
    cases = select(Application.year).join(SanctionCase, SanctionCase.application_id == Application.id)
    here = ReviewAppeal.superior_office_id == session.office_id
    return [
        _count(Open.APPEAL, appeals.where(here, ReviewAppeal.state == "open")),
        _count(Open.SANCTION, cases.where(waits_for(session))),
    ]


def _of_the_center() -> list[Counted]:
    """The same of the center, by a function: half of its pages see its own cases alone, and say the same figures."""
    found = func.center_waits().table_valued(
        column("kind", Text()), column("year", BigInteger()), column("n", BigInteger())
    )
    return [select(found.c.kind, found.c.year, found.c.n)]


def _of_supervisors(session: OfficeSession | ProvinceSession) -> list[Counted]:
    office, me = session.office_id, session.actor.account_id
    objections = select(Publication.year).join(Objection, Objection.publication_id == Publication.id)
    is_over = (Publication.state == "published") & (Publication.ends_at <= session.now)
    lists = select(Publication.year).where(
        Publication.office_id == office, (Publication.state == "draft") | is_over | remedy_due()
    )
    heard = Striking.heard_until.is_(None) | (Striking.heard_until <= session.now)
    strikings = (
        select(Publication.year)
        .join(Striking, Striking.publication_id == Publication.id)
        .where(Striking.office_id == office, Striking.state == "proposed", Striking.proposed_by != me, heard)
    )
    closed = select(Publication.year).where(Publication.office_id == office, lacks_certificates())
    samples = select(Sample.year).join(SampleItem, SampleItem.sample_id == Sample.id)
    corrections = select(Application.year).join(MarkCorrection, MarkCorrection.application_id == Application.id)
    rankings = select(EvaluationPanel.year).join(PanelRanking, PanelRanking.panel_id == EvaluationPanel.id)
    proposed = (PanelRanking.office_id == office) & (PanelRanking.state == "proposed")
    return [
        _count(Open.RANKING, rankings.where(proposed, PanelRanking.proposed_by != me)),
        _count(Open.OBJECTION, objections.where(Objection.office_id == office, Objection.state == "open")),
        _count(Open.STRIKING, strikings),
        _count(Open.LIST, lists),
        _count(Open.CERTIFICATE, closed),
        _count(Open.SAMPLE, samples.where(SampleItem.office_id == office, SampleItem.verdict == "open")),
        _count(
            Open.CORRECTION,
            corrections.where(
                MarkCorrection.office_id == office, MarkCorrection.state == "asked", MarkCorrection.asked_by != me
            ),
        ),
    ]


def _of_exam_days(office: str) -> list[Counted]:
    """Emergencies and alarms of the office and of those below it, which the policies show; practice at home alone."""
    real = select(Office.id).where(~Office.practice)
    emergencies = select(Emergency.year).where(Emergency.state != "closed")
    alarms = select(OpeningAlarm.year).where(OpeningAlarm.settled_at.is_(None))
    return [
        _count(Open.EMERGENCY, emergencies.where(or_(Emergency.office_id == office, Emergency.office_id.in_(real)))),
        _count(Open.EMERGENCY, alarms.where(or_(OpeningAlarm.office_id == office, OpeningAlarm.office_id.in_(real)))),
    ]


def _of_examiners(office: str, account: UUID) -> list[Counted]:
    checks = select(Application.year).join(ScoreCheck, ScoreCheck.application_id == Application.id)
    imports = select(MarkImport.year).where(
        MarkImport.office_id == office, MarkImport.state == "proposed", MarkImport.proposed_by != account
    )
    panels = select(EvaluationPanel.year).where(EvaluationPanel.office_id == office)
    ranked = select(PanelRanking.panel_id).where(PanelRanking.state.in_(("proposed", "confirmed")))
    unranked = (EvaluationPanel.state == "closed") & EvaluationPanel.id.not_in(ranked)
    panels = panels.where((EvaluationPanel.state == "scoring") | unranked)
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
