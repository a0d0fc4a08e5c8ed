"""Working out who has passed: for an office in one act, and for one candidate again after a correction.

The basis of an outcome is kept beside it. Once it is published, only a granted correction changes it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from core.applications.models import Application
from core.applications.queries import are_candidates
from core.audit import service as audit
from core.db.session import OfficeSession
from core.domain.pass_rules import EarlierMark, Reviewed, passes_subject, with_earlier_passes, within_quota
from core.errors import Conflict
from core.plugin_api import Grade, MarkStatus, MarksView, ReviewResult, SubjectMark, Verdict
from core.results.marks.absences import note_absences, present_in
from core.results.models.evaluation import EvaluationPanel, PanelCandidate, PanelIdentity, PanelRanking, TradeQuota
from core.results.models.marks import Mark, Outcome
from core.scheduling.exam_day.presence import Presence
from core.seasons.queries import subjects_by_grade
from core.tenancy.config.results import ResultsTable
from core.tenancy.offices import Offices

_NAMED_AT_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """How many candidates have passed and failed; ``kept`` outcomes were published before and stay as they are."""

    passed: int
    failed: int
    kept: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A case with everything that its outcome follows from."""

    id: UUID
    reference: str
    marks: MarksView

    @property
    def lacking(self) -> bool:
        """Whether a subject has no mark at all, absence included."""
        return any(self.marks.of(subject) is None for subject in self.marks.subjects)

    @property
    def passed_theory(self) -> bool:
        """Whether every subject is passed."""
        return not self.lacking and all(passes_subject(mark, self.marks.pass_mark) for mark in self.marks.marks)


def work_out(
    session: OfficeSession, *, year: int, offices: Offices, grades: Collection[Grade] = tuple(Grade)
) -> WorkedOut:
    """Work out the outcome of every candidate of the office in these grades.

    A candidate whom the door list has as absent gets 缺考; one who is suspended waits. May be repeated until
    publication. Raises Conflict, naming some candidates, where a mark is missing (and says whether they came), or where
    a candidate of grade one who passed theory has not been through the comprehensive review.
    """
    _check_panels_over(session, year, grades)
    absent = note_absences(session, year, grades=grades, rules=offices.config(session.office_id).results)
    held = _suspended(session, year)
    examined = [
        candidate for candidate in _candidates(session, year, offices, grades=grades) if candidate.id not in held
    ]
    candidates = _with_reviews(session, examined)
    _check_complete(candidates, present_in(session, year))
    published = _published(session, year)
    fresh = [candidate for candidate in candidates if candidate.id not in published]
    hooks = offices.hooks(session.office_id)
    verdicts = {candidate.id: hooks.outcome(candidate.marks) for candidate in fresh}
    _write(session, [_outcome(session, candidate, verdicts[candidate.id]) for candidate in fresh])
    passed = sum(verdict.passed for verdict in verdicts.values())
    listed = sorted((candidate.reference, verdicts[candidate.id].passed) for candidate in fresh)
    subject = audit.RecordSubject(session.office_id, "office", session.office_id)
    audit.record_on(
        session,
        subject,
        "outcomes.worked_out",
        year=year,
        grades=sorted(int(grade) for grade in grades),
        passed=passed,
        failed=len(fresh) - passed,
        absent_by_the_list=absent,
        digest=audit.digest_of(listed).hex(),
    )
    return WorkedOut(passed, len(fresh) - passed, len(candidates) - len(fresh))


def work_out_again(
    session: OfficeSession, application_id: UUID, *, year: int, offices: Offices, correction_id: UUID
) -> Outcome | None:
    """The outcome of one candidate after a correction was granted; None where none has been worked out yet.

    No other outcome changes: candidates of grade one who were within the quota stay there. The outcome of a case that
    is being reviewed again is taken back, and worked out with the others once the case is qualified.
    """
    outcome = session.scalar(select(Outcome).where(Outcome.application_id == application_id).with_for_update())
    if outcome is None:
        return None
    examined = _candidates(session, year, offices, grades=[Grade(outcome.grade)])
    candidates = _with_reviews(session, examined)
    found = next((candidate for candidate in candidates if candidate.id == application_id), None)
    if found is None:
        if outcome.published_at is None:
            session.delete(outcome)
            session.flush()
        return None
    verdict = offices.hooks(session.office_id).outcome(found.marks)
    values = _outcome(session, found, verdict)
    outcome.passed, outcome.reason, outcome.basis = verdict.passed, verdict.reason, values["basis"]
    outcome.decided_at, outcome.decided_by = session.now, session.actor.account_id
    outcome.correction_id = correction_id
    session.flush()
    return outcome


def theory_passed(session: OfficeSession, *, year: int, offices: Offices) -> list[tuple[UUID, str]]:
    """The candidates of grade one who passed theory and so come before a panel: the case and its trade."""
    return [
        (candidate.id, candidate.marks.trade)
        for candidate in _candidates(session, year, offices, grades=[Grade.ONE])
        if candidate.passed_theory
    ]


def theory_sums(session: OfficeSession, *, year: int, offices: Offices) -> dict[UUID, Decimal]:
    """The sum of the theory marks of each candidate of grade one who passed theory; it decides equal scores."""
    candidates = _candidates(session, year, offices, grades=[Grade.ONE])
    return {candidate.id: _theory(candidate) for candidate in candidates if candidate.passed_theory}


def _candidates(session: OfficeSession, year: int, offices: Offices, *, grades: Collection[Grade]) -> list[_Candidate]:
    """The qualified candidates with their marks, those of earlier years included where they still count."""
    rules = offices.config(session.office_id).results
    wanted = select(Application.id, Application.reference, Application.grade, Application.trade).where(
        are_candidates(session.office_id, year, grades)
    )
    subjects, marks = subjects_by_grade(session, year), _marks(session, year)
    earlier = _earlier(session, year, rules.carry_over_years, Decimal(rules.pass_mark))
    return [
        _Candidate(row.id, row.reference, _view(row, subjects, marks[row.id], earlier[row.id], year=year, rules=rules))
        for row in session.execute(wanted.order_by(Application.reference))
    ]


def _view(
    row: Any,
    subjects: Mapping[int, Sequence[str]],
    marks: Iterable[SubjectMark],
    earlier: Iterable[EarlierMark],
    *,
    year: int,
    rules: ResultsTable,
) -> MarksView:
    examined, pass_mark = tuple(subjects.get(row.grade, ())), Decimal(rules.pass_mark)
    joined = with_earlier_passes(
        examined, marks, earlier, year=year, valid_years=rules.carry_over_years, pass_mark=pass_mark
    )
    return MarksView(year, row.grade, row.trade, examined, joined, pass_mark)


def _with_reviews(session: OfficeSession, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The same candidates; those of grade one with the result of their panel and whether it is within the quota.

    A panel counts once its ranking is confirmed.
    """
    grade_one = {candidate.id: candidate for candidate in candidates if candidate.marks.grade == Grade.ONE}
    if not grade_one:
        return list(candidates)
    wanted = (
        select(PanelIdentity.application_id, PanelCandidate.score, EvaluationPanel.pass_mark)
        .join(PanelCandidate, PanelCandidate.id == PanelIdentity.candidate_id)
        .join(EvaluationPanel, EvaluationPanel.id == PanelCandidate.panel_id)
        .join(PanelRanking, PanelRanking.panel_id == EvaluationPanel.id)
        .where(PanelCandidate.office_id == session.office_id, EvaluationPanel.state == "closed")
        .where(PanelRanking.state == "confirmed")
    )
    scores = {row.application_id: row for row in session.execute(wanted) if row.application_id in grade_one}
    reviewed = [
        Reviewed(candidate.id, candidate.marks.trade, scores[candidate.id].score, _theory(candidate))
        for candidate in grade_one.values()
        if candidate.id in scores and candidate.passed_theory
    ]
    pass_marks = {id_: row.pass_mark for id_, row in scores.items()}
    places = _places(session, next(iter(grade_one.values())).marks.year)
    inside = within_quota(reviewed, places, pass_marks=pass_marks)
    results = {id_: ReviewResult(row.score, row.pass_mark, id_ in inside) for id_, row in scores.items()}
    return [_reviewed(candidate, results.get(candidate.id)) for candidate in candidates]


def _reviewed(candidate: _Candidate, result: ReviewResult | None) -> _Candidate:
    old = candidate.marks
    view = MarksView(old.year, old.grade, old.trade, old.subjects, old.marks, old.pass_mark, result)
    return _Candidate(candidate.id, candidate.reference, view)


def _theory(candidate: _Candidate) -> Decimal:
    return sum((mark.mark for mark in candidate.marks.marks if mark.mark is not None), Decimal(0))


def _check_panels_over(session: OfficeSession, year: int, grades: Collection[Grade]) -> None:
    """Nobody works grade one out while a panel scores: a member does not even see its candidates then."""
    scoring = EvaluationPanel.office_id == session.office_id, EvaluationPanel.state == "scoring"
    wanted = select(EvaluationPanel.name).where(*scoring, EvaluationPanel.year == year).limit(1)
    if Grade.ONE in grades and (name := session.scalar(wanted)) is not None:
        raise Conflict("panel_scores", f"{name}还在评分。请在评审结束、排名确认后认定一级结果，可以先认定其他等级。")


def _check_complete(candidates: Sequence[_Candidate], present: Mapping[tuple[UUID, str], Presence]) -> None:
    _check_marks(candidates, present)
    waiting = [
        candidate.reference
        for candidate in candidates
        if candidate.marks.grade == Grade.ONE and candidate.passed_theory and candidate.marks.review is None
    ]
    if waiting:
        named = "、".join(waiting[:_NAMED_AT_MOST])
        raise Conflict(
            "review_missing",
            f"{named}等{len(waiting)}人理论合格，综合评审未结束或排名尚未确认。请在确认后认定一级结果。",
        )


def _check_marks(candidates: Sequence[_Candidate], present: Mapping[tuple[UUID, str], Presence]) -> None:
    """No candidate fails by silence: the office clears up each missing mark, whether the candidate came or not."""
    lacking: dict[bool, list[str]] = {True: [], False: []}
    for candidate in candidates:
        if candidate.lacking:
            came = {
                present.get((candidate.id, subject))
                for subject in candidate.marks.subjects
                if candidate.marks.of(subject) is None
            }
            lacking[Presence.PRESENT in came].append(candidate.reference)
    said = {True: "已登记到场，却还有科目没有成绩", False: "还有科目没有成绩，也没有入场登记可以认定缺考"}
    texts = [
        f"{'、'.join(numbers[:_NAMED_AT_MOST])}等{len(numbers)}人{said[came]}"
        for came, numbers in lacking.items()
        if numbers
    ]
    if texts:
        text = f"{'；'.join(texts)}。请核实后导入成绩或缺考，或在考试日登记缺考，再行认定。"
        raise Conflict("marks_missing", text)


def _marks(session: OfficeSession, year: int) -> defaultdict[UUID, list[SubjectMark]]:
    wanted = select(Mark.application_id, Mark.subject, Mark.mark, Mark.status).where(
        Mark.office_id == session.office_id, Mark.year == year
    )
    found: defaultdict[UUID, list[SubjectMark]] = defaultdict(list)
    for row in session.execute(wanted):
        found[row.application_id].append(SubjectMark(row.subject, row.mark, MarkStatus(row.status)))
    return found


def _earlier(session: OfficeSession, year: int, years: int, pass_mark: Decimal) -> defaultdict[UUID, list[EarlierMark]]:
    """The subjects that these people passed in earlier years at any office, by the case of this year.

    PostgreSQL answers for the office's own candidates alone, and with passed subjects alone.
    """
    found: defaultdict[UUID, list[EarlierMark]] = defaultdict(list)
    if not years:
        return found
    asked = text("SELECT application_id, year, subject, mark FROM earlier_passes(:year, :years, :pass_mark)")
    for row in session.execute(asked, {"year": year, "years": years, "pass_mark": pass_mark}):
        found[row.application_id].append(EarlierMark(row.year, SubjectMark(row.subject, row.mark)))
    return found


def _places(session: OfficeSession, year: int) -> dict[str, int | None]:
    wanted = select(TradeQuota.trade, TradeQuota.places).where(
        TradeQuota.office_id == session.office_id, TradeQuota.year == year
    )
    return {row.trade: row.places for row in session.execute(wanted)}


def _suspended(session: OfficeSession, year: int) -> frozenset[UUID]:
    """The candidates who are suspended: their outcome waits until the case is decided."""
    wanted = select(Application.id).where(
        Application.office_id == session.office_id, Application.year == year, func.suspended(Application.id)
    )
    return frozenset(session.scalars(wanted))


def _published(session: OfficeSession, year: int) -> frozenset[UUID]:
    wanted = select(Outcome.application_id).where(
        Outcome.office_id == session.office_id, Outcome.year == year, Outcome.published_at.is_not(None)
    )
    return frozenset(session.scalars(wanted))


def _outcome(session: OfficeSession, candidate: _Candidate, verdict: Verdict) -> dict[str, Any]:
    review = candidate.marks.review
    basis = {
        "pass_mark": str(candidate.marks.pass_mark),
        "marks": [
            {"subject": mark.subject, "mark": _text(mark.mark), "status": mark.status.value, "from": mark.carried_from}
            for mark in candidate.marks.marks
        ],
        "review": None
        if review is None
        else {"score": str(review.score), "pass_mark": str(review.pass_mark), "within_quota": review.within_quota},
    }
    return {
        "application_id": candidate.id,
        "office_id": session.office_id,
        "year": candidate.marks.year,
        "grade": candidate.marks.grade,
        "trade": candidate.marks.trade,
        "passed": verdict.passed,
        "reason": verdict.reason,
        "basis": basis,
        "decided_at": session.now,
        "decided_by": session.actor.account_id,
    }


def _text(mark: Decimal | None) -> str | None:
    return None if mark is None else str(mark)


def _write(session: OfficeSession, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    made = insert(Outcome)
    changed = {name: made.excluded[name] for name in ("passed", "reason", "basis", "decided_at", "decided_by")}
    session.connection().execute(made.on_conflict_do_update(index_elements=["application_id"], set_=changed), rows)
    session.expire_all()
