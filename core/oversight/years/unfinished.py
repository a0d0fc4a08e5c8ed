"""What a year has left unfinished, office by office and kind by kind: what the province sees before it closes it.

Each matter counts for one office, in which it has to be done. What is of no season (requests about names, certificates
of earlier years, forms of managers) goes on by itself and is not counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import Select, and_, func, literal, or_, select, union_all

from core.applications.models import Application, CaseCount
from core.db.session import OfficeSession, ProvinceSession
from core.delegation.models import Sample, SampleItem
from core.domain.workflow import State
from core.oversight.models import Filing
from core.responsibility.accountability.procedure import UNFINISHED
from core.responsibility.models import AccountabilityCase, Patrol, PatrolFinding
from core.responsibility.patrols.kinds import FindingState, PatrolState
from core.results.archive.handover_queries import not_handed_over, not_taken_over
from core.results.ledger.queries import not_received
from core.results.models.awards import ArchivePackage, Certificate, Objection, Publication, PublicationEntry, Striking
from core.results.models.corrections import MarkCorrection, ScoreCheck
from core.results.models.evaluation import EvaluationPanel, PanelRanking
from core.results.models.marks import MarkImport, Outcome
from core.reviews.models import Inquiry, Original, ReviewAppeal
from core.sanctions.models import SanctionCase, Suspension
from core.sanctions.procedure import CaseState
from core.scheduling.models.accommodations import AccommodationRequest
from core.tenancy.models import Office
from core.text.labels import Labelled

Counts: TypeAlias = Select[str, str, int]
"""A kind, an office, and how many."""


class Unfinished(Labelled):
    """A kind of matter that somebody still has to bring to its end, in the order of a season."""

    AT_UNIT = "at_unit", "单位或主管部门未审核的申请"
    RETURNED = "returned", "退回后本人未重新提交的申请"
    AT_OFFICE = "at_office", "待审查、待现场确认的申请"
    PROVISIONAL = "provisional", "容缺通过、未作最终结论的申请"
    APPEAL = "appeal", "未答复的审查申诉"
    INQUIRY = "inquiry", "未答复的咨询"
    SAMPLE = "sample", "未办结的抽查案件"
    ORIGINAL = "original", "未退还的原件"
    ACCOMMODATION = "accommodation", "未决定的考试便利"
    NO_RESULT = "no_result", "审查通过、没有成绩结论的人员"
    MARKS = "marks", "待第二人复核的成绩表"
    CHECK = "check", "未答复的成绩复查"
    CORRECTION = "correction", "未决定的成绩更正"
    PANEL = "panel", "未结束的综合评审"
    NOT_LISTED = "not_listed", "成绩合格、未列入公示名单的人员"
    NOT_TOLD = "not_told", "成绩不合格、结果未公布的人员"
    LIST = "list", "未办结的合格人员名单"
    OBJECTION = "objection", "未处理的异议"
    STRIKING = "striking", "未决定的取消、恢复公示资格"
    NO_CERTIFICATE = "no_certificate", "名单已公布、未发证的人员"
    SANCTION = "sanction", "未办结的违规案件"
    SUSPENDED = "suspended", "仍在暂停资格的人员"
    NOT_RECEIVED = "not_received", "已发证、持证人未签领的证书"
    NOT_ARCHIVED = "not_archived", "没有归档材料的名单"
    NOT_HANDED_OVER = "not_handed_over", "未移交档案部门的归档材料"
    NOT_FILED = "not_filed", "已移交、对方未接收的档案"
    FILING = "filing", "报送后未接收的备案"
    PATROL = "patrol", "未结束的巡视"
    PATROL_FINDING = "patrol_finding", "未整改的巡视问题"
    ACCOUNTABILITY = "accountability", "未办结的责任追究案件"


@dataclass(frozen=True, slots=True)
class Left:
    """What one office has left of a kind."""

    office_id: str
    kind: Unfinished
    count: int


_AT_UNIT: Final = (State.UNIT_REVIEW, State.DEPARTMENT_REVIEW)
_AT_OFFICE: Final = (State.QUALIFICATION_REVIEW, State.ONSITE_CONFIRMATION)
_OPEN_CASE: Final = (CaseState.PROPOSED, CaseState.HEARING, CaseState.DECIDED, CaseState.APPEALED)


def unfinished(session: OfficeSession | ProvinceSession, year: int) -> list[Left]:
    """What is unfinished of a year in every office that the session sees, by office and the order of a season.

    One statement. Offices of made-up people are left out.
    """
    kinds = list(Unfinished)
    each = union_all(*_of_reviews(year), *_of_exams(year), *_of_lists(year), *_of_oversight(year)).subquery()
    kind, office, count = each.c
    real = select(Office.id).where(~Office.practice)
    rows = session.execute(select(office, kind, count).where(count > 0, office.in_(real)))
    found = [Left(office_id, Unfinished(kind), int(n)) for office_id, kind, n in rows]
    return sorted(found, key=lambda left: (left.office_id, kinds.index(left.kind)))


def by_office(found: Iterable[Left]) -> dict[str, list[Left]]:
    """The same under each office."""
    offices: dict[str, list[Left]] = {}
    for left in found:
        offices.setdefault(left.office_id, []).append(left)
    return offices


def kept(found: Iterable[Left]) -> list[dict[str, Any]]:
    """The same as an act keeps it."""
    return [{"office": left.office_id, "kind": left.kind.value, "count": left.count} for left in found]


def grown(before: Sequence[Mapping[str, Any]], found: Iterable[Left]) -> list[Left]:
    """What is more than an act has kept: new since it was looked at."""
    known = {(row["office"], row["kind"]): int(row["count"]) for row in before}
    return [left for left in found if left.count > known.get((left.office_id, left.kind.value), 0)]


def _of_reviews(year: int) -> list[Counts]:
    in_hand = func.coalesce(Application.handler_office_id, Inquiry.office_id)
    asked = select(in_hand).select_from(Inquiry).outerjoin(Application, Inquiry.application_id == Application.id)
    appeals = select(ReviewAppeal.superior_office_id).join(Application, ReviewAppeal.application_id == Application.id)
    originals = select(Original.office_id).join(Application, Original.application_id == Application.id)
    here = Original.returned_at.is_(None) & Original.lost_at.is_(None)
    samples = select(SampleItem.office_id).join(Sample, SampleItem.sample_id == Sample.id)
    return [
        _cases(Unfinished.AT_UNIT, year, _AT_UNIT),
        _cases(Unfinished.RETURNED, year, (State.RETURNED,)),
        _cases(Unfinished.AT_OFFICE, year, _AT_OFFICE),
        _cases(Unfinished.PROVISIONAL, year, (State.PROVISIONAL,)),
        _count(Unfinished.APPEAL, appeals.where(Application.year == year, ReviewAppeal.state == "open")),
        _count(Unfinished.INQUIRY, asked.where(Inquiry.year == year, Inquiry.state == "open")),
        _count(Unfinished.SAMPLE, samples.where(Sample.year == year, SampleItem.verdict == "open")),
        _count(Unfinished.ORIGINAL, originals.where(Application.year == year, here)),
    ]


def _of_exams(year: int) -> list[Counts]:
    outcome = select(Outcome.application_id).where(Outcome.application_id == Application.id)
    passed = select(Application.office_id).where(Application.year == year, Application.state == State.QUALIFIED)
    asked = select(AccommodationRequest.office_id).where(
        AccommodationRequest.year == year, AccommodationRequest.state == "asked"
    )
    tables = select(MarkImport.office_id).where(MarkImport.year == year, MarkImport.state == "proposed")
    ranked = select(PanelRanking.panel_id).where(PanelRanking.state == "confirmed")
    unranked = (EvaluationPanel.state == "closed") & EvaluationPanel.id.not_in(ranked)
    at_work = EvaluationPanel.state.in_(("forming", "scoring"))
    panels = select(EvaluationPanel.office_id).where(EvaluationPanel.year == year, at_work | unranked)
    checks = select(ScoreCheck.office_id).join(Application, ScoreCheck.application_id == Application.id)
    changes = select(MarkCorrection.office_id).join(Application, MarkCorrection.application_id == Application.id)
    return [
        _count(Unfinished.ACCOMMODATION, asked),
        _count(Unfinished.NO_RESULT, passed.where(~outcome.exists())),
        _count(Unfinished.MARKS, tables),
        _count(Unfinished.CHECK, checks.where(Application.year == year, ScoreCheck.state == "open")),
        _count(Unfinished.CORRECTION, changes.where(Application.year == year, MarkCorrection.state == "asked")),
        _count(Unfinished.PANEL, panels),
    ]


def _of_lists(year: int) -> list[Counts]:
    line = select(PublicationEntry.application_id).where(
        PublicationEntry.application_id == Application.id, PublicationEntry.released_at.is_(None)
    )
    passed = select(Outcome.office_id).join(Application, Outcome.application_id == Application.id)
    to_list = passed.where(Outcome.year == year, Outcome.passed, Application.state == State.QUALIFIED, ~line.exists())
    failed = select(Outcome.office_id).where(
        Outcome.year == year, ~Outcome.passed, Outcome.published_at.is_(None), Outcome.annulled_at.is_(None)
    )
    objections = select(Objection.office_id).join(Publication, Objection.publication_id == Publication.id)
    paper = select(Certificate.id).where(
        Certificate.application_id == PublicationEntry.application_id, Certificate.superseded_at.is_(None)
    )
    strikings = select(Striking.office_id).join(Publication, Striking.publication_id == Publication.id)
    lines = select(PublicationEntry.office_id).join(Publication, PublicationEntry.publication_id == Publication.id)
    out = and_(Publication.state == "closed", PublicationEntry.struck_at.is_(None), ~paper.exists())
    of_season = and_(
        ArchivePackage.publication_id.is_(None),
        ArchivePackage.office_id == Publication.office_id,
        ArchivePackage.year == Publication.year,
        ArchivePackage.requested_at >= Publication.closed_at,
    )
    package = select(ArchivePackage.id).where(
        ArchivePackage.state == "made", or_(ArchivePackage.publication_id == Publication.id, of_season)
    )
    lists = select(Publication.office_id).where(Publication.year == year)
    return [
        _count(Unfinished.NOT_LISTED, to_list),
        _count(Unfinished.NOT_TOLD, failed),
        _count(Unfinished.LIST, lists.where(Publication.state.in_(["draft", "published"]))),
        _count(Unfinished.OBJECTION, objections.where(Publication.year == year, Objection.state == "open")),
        _count(Unfinished.STRIKING, strikings.where(Publication.year == year, Striking.state == "proposed")),
        _count(Unfinished.NO_CERTIFICATE, lines.where(Publication.year == year, out)),
        _count(Unfinished.NOT_RECEIVED, not_received(year)),
        _count(Unfinished.NOT_HANDED_OVER, not_handed_over(year)),
        _count(Unfinished.NOT_FILED, not_taken_over(year)),
        _count(Unfinished.NOT_ARCHIVED, lists.where(Publication.state == "closed", ~package.exists())),
    ]


def _of_oversight(year: int) -> list[Counts]:
    cases = select(SanctionCase.office_id).join(Application, SanctionCase.application_id == Application.id)
    held = select(Suspension.office_id).join(Application, Suspension.application_id == Application.id)
    filed = select(Filing.to_office_id).where(Filing.year == year, Filing.state == "filed")
    patrols = select(Patrol.office_id).where(Patrol.year == year, Patrol.state == PatrolState.PLANNED)
    findings = select(PatrolFinding.to_office_id).where(
        PatrolFinding.year == year, PatrolFinding.state == FindingState.OPEN
    )
    of_staff = select(AccountabilityCase.office_id).where(
        AccountabilityCase.year == year, AccountabilityCase.state.in_(UNFINISHED)
    )
    return [
        _count(Unfinished.SANCTION, cases.where(Application.year == year, SanctionCase.state.in_(_OPEN_CASE))),
        _count(Unfinished.SUSPENDED, held.where(Application.year == year, Suspension.lifted_at.is_(None))),
        _count(Unfinished.FILING, filed),
        _count(Unfinished.PATROL, patrols),
        _count(Unfinished.PATROL_FINDING, findings),
        _count(Unfinished.ACCOUNTABILITY, of_staff),
    ]


def _cases(kind: Unfinished, year: int, states: Sequence[State]) -> Counts:
    """The cases of these states for the office that has them in hand, from the counters of the database."""
    office = CaseCount.handler_office_id
    return (
        select(literal(kind.value).label("kind"), office.label("office"), func.sum(CaseCount.n).label("n"))
        .where(CaseCount.year == year, ~CaseCount.decision, CaseCount.what.in_(states))
        .group_by(office)
    )


def _count(kind: Unfinished, offices: Select[Any]) -> Counts:
    """The matters of a kind by office; ``offices`` selects the office of each."""
    (office,) = offices.subquery().c
    return select(literal(kind.value).label("kind"), office.label("office"), func.count().label("n")).group_by(office)
