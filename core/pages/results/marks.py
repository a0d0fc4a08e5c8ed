"""Marks by pages: tables handed in and confirmed, outcomes worked out, checks answered, corrections decided."""

import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody
from sqlalchemy import func, select

from core.applications.form_steps import Fields
from core.applications.models import Application
from core.db.session import OfficeSession, Permission
from core.domain.pass_rules import STATUS_LABELS
from core.errors import Invalid, NotFound
from core.pages.sealed_tables import seal, unseal
from core.pages.season import season_asked
from core.pages.table_export import Sheet, TableAsked, table_file
from core.plugin_api import Grade, MarkStatus
from core.results.awards import announcing
from core.results.corrections.service import Corrected
from core.results.marks import service as marks
from core.results.marks.absences import Named
from core.results.marks.contradictions import CONTRADICTION_LABELS
from core.results.marks.reading import Reading, judge_table, read_marks, table_of
from core.results.marks.sat import ToEnter, to_enter
from core.results.marks.service import OwnFile
from core.results.marks.table import BOUNDS, MOST_ROWS, USUAL_TITLES, packed, unpacked
from core.results.models.marks import MarkImport, Outcome
from core.results.outcomes import service as outcomes
from core.seasons.queries import check_not_ended, subjects_by_grade
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import EXAM_WATCHERS, EXAMINERS, SUPERVISORS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.page.uploads import chosen_file
from core.web.routes import form, form_with_file, page

IMPORT_STATES = {"proposed": ("等待复核", "waits"), "confirmed": ("已复核", "done"), "withdrawn": ("已退回", "stopped")}
STATUSES = [(status.value, text) for status, text in STATUS_LABELS.items()]


@page("/marks", roles=EXAM_WATCHERS)
def marks_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """What was handed in, what waits, and how many have passed."""
    return _marks(request, session)


@form_with_file("/marks/import", roles=EXAMINERS)
def import_marks(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Show how a table is read, with every wrong row; nothing is kept yet."""
    reading, sealed = None, ""
    with attempt(request, session) as tried, chosen_file(data) as file:
        year, name = season_asked(request, session).year, file.filename[:200]
        check_not_ended(session, year)
        content = file.file.read(BOUNDS.bytes + 1)
        table = table_of(session, content, year=year, titles=_titles(session, year, data))
        reading = judge_table(session, table, year=year)
        if not reading.faults:
            source = {"file_name": name, "sha256": hashlib.sha256(content).hexdigest()}
            sealed = seal(session, platform.keys, "mark", packed(table) | source)
    return _marks(request, session, tried=tried, reading=reading, sealed=sealed, given=data)


@form_with_file("/marks/import/keep", roles=EXAMINERS)
def keep_marks(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Hand in the table that was shown."""
    reading, sealed = None, str(data.get("table") or "")
    with attempt(request, session) as tried:
        known = unseal(session, platform.keys, "mark", sealed)
        year = season_asked(request, session).year
        proposal = marks.propose_table(
            session,
            unpacked(known),
            year=year,
            source=marks.Source(known["file_name"], known["sha256"]),
            without_names=bool(data.get("without_names")),
        )
        reading = proposal.reading
        if proposal.made is not None:
            return see(f"/marks/imports/{proposal.made.id}")
    return _marks(request, session, tried=tried, reading=reading, given=data)


@table_file("/marks/template", roles=EXAMINERS)
def marks_to_enter(session: OfficeSession, table: TableAsked) -> Sheet:
    """The table in which marks are entered: the numbers that sat, and 缺考 where the door list says so."""
    year = table.season(session).year
    subjects = _all_subjects(session, year)
    columns = ("申报编号", "姓名", *subjects, "入场登记")
    rows = [
        (line.reference, line.name, *(line.cells.get(subject, "") for subject in subjects), _noted(line))
        for line in to_enter(session, year)
    ]
    return Sheet(f"{year}年度待录成绩表", columns, rows, "已到场、还没有成绩的考生")


def _noted(line: ToEnter) -> str:
    return "有科目没有入场登记，请核实" if line.unsettled else "已登记"


@form("/marks/outcomes", roles=EXAMINERS)
def work_out(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Say of every candidate of some grades whether they have passed."""
    with attempt(request, session) as tried:
        year = season_asked(request, session).year
        outcomes.work_out(session, year=year, offices=platform.offices, grades=_grades(data))
        return see("/marks#outcomes")
    return _marks(request, session, tried=tried, given=data)


@form("/marks/outcomes/announce", roles=SUPERVISORS)
def announce_rest(request: AnyRequest, session: OfOffice) -> Response[Any]:
    """Announce the outcomes of those who failed, where no list does."""
    with attempt(request, session) as tried:
        announcing.announce_rest(session, season_asked(request, session).year)
        return see("/marks#outcomes")
    return _marks(request, session, tried=tried)


@page("/marks/imports/{import_id:uuid}", roles=EXAM_WATCHERS)
def import_page(request: AnyRequest, session: OfOffice, import_id: FromPath[UUID]) -> Response[str]:
    """One table: its figures, its digest, and the second person's turn."""
    return _import(request, session, import_id)


@form_with_file("/marks/imports/{import_id:uuid}/confirm", roles=EXAMINERS)
def confirm_import(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    import_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """The second person sends their own copy of the table; only where it says the same, the marks are taken in."""
    own = None
    with attempt(request, session) as tried, chosen_file(data) as file:
        year, content = _found(session, import_id).year, file.file.read(BOUNDS.bytes + 1)
        own = read_marks(session, content, year=year, titles=_titles(session, year, data))
        marks.confirm_import(
            session,
            import_id,
            digest=own.digest,
            rules=platform.offices.config(session.office_id).results,
            file=OwnFile(hashlib.sha256(content).hexdigest(), bool(data.get("got_independently"))),
            reasons=_reasons(data),
        )
        return see(f"/marks/imports/{import_id}")
    return _import(request, session, import_id, tried=tried, own_copy=own, given=data)


@form("/marks/imports/{import_id:uuid}/withdraw", roles=EXAM_WATCHERS)
def withdraw_import(request: AnyRequest, session: OfOffice, import_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Send a table back."""
    with attempt(request, session) as tried:
        marks.withdraw_import(session, import_id, reason=str(data.get("reason") or ""))
        return see(f"/marks/imports/{import_id}")
    return _import(request, session, import_id, tried=tried)


def _marks(
    request: AnyRequest,
    session: OfficeSession,
    *,
    tried: Attempt | None = None,
    reading: Reading | None = None,
    sealed: str = "",
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    year = season_asked(request, session).year
    return render(
        request,
        session,
        "results/marks.html",
        tried=tried,
        reading=reading,
        sealed=sealed,
        imports=marks.imports(session, year),
        states=IMPORT_STATES,
        outcomes=_counts(session, year),
        not_announced=announcing.not_announced(session, year),
        grades=[(str(int(grade)), grade.label) for grade in sorted(Grade, reverse=True)],
        subjects=_all_subjects(session, year),
        usual=USUAL_TITLES,
        most_rows=MOST_ROWS,
        most_megabytes=BOUNDS.bytes // 1048576,
        given=Fields(given or {}),
        **may(session),
    )


def _counts(session: OfficeSession, year: int) -> list[tuple[str, int, int, int]]:
    """Grade by grade: how many have passed, how many failed, and how many of these are published."""
    passed = func.count().filter(Outcome.passed, Outcome.annulled_at.is_(None))
    wanted = (
        select(Outcome.grade, passed, func.count() - passed, func.count(Outcome.published_at))
        .where(Outcome.office_id == session.office_id, Outcome.year == year, Outcome.annulled_at.is_(None))
        .group_by(Outcome.grade)
        .order_by(Outcome.grade.desc())
    )
    return [(Grade(grade).label, good, bad, published) for grade, good, bad, published in session.execute(wanted)]


def _import(
    request: AnyRequest,
    session: OfficeSession,
    import_id: UUID,
    *,
    tried: Attempt | None = None,
    own_copy: Reading | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    made = _found(session, import_id)
    return render(
        request,
        session,
        "results/import.html",
        of_year=made.year,
        tried=tried,
        made=made,
        state=IMPORT_STATES[made.state],
        own=session.actor.account_id == made.proposed_by,
        own_copy=own_copy,
        mismatches=[] if own_copy is None else marks.compared(session, import_id, own_copy.marks),
        differs=_by_candidate(marks.contradicting(session, import_id)),
        settled=marks.settled(session, made),
        how=CONTRADICTION_LABELS,
        subjects=_all_subjects(session, made.year),
        given=Fields(given or {}),
        **may(session),
    )


def _by_candidate(differs: Sequence[Named]) -> list[tuple[UUID, str, str, str, str]]:
    """The differences by candidate, for each has one reason: id, number, name, subjects, and the words."""
    grouped: dict[UUID, list[Named]] = {}
    for difference in differs:
        grouped.setdefault(difference.differs.application_id, []).append(difference)
    return [
        (
            candidate,
            named[0].reference,
            named[0].person_name,
            "、".join(difference.differs.subject for difference in named),
            "；".join(dict.fromkeys(CONTRADICTION_LABELS[difference.differs.how] for difference in named)),
        )
        for candidate, named in grouped.items()
    ]


def _reasons(data: Mapping[str, Any]) -> dict[UUID, str]:
    """The reason of each candidate on the page: their own, or the common one."""
    common = str(data.get("reason_of_all") or "").strip()
    reasons = {}
    for name, given in data.items():
        if name.startswith("reason_") and name != "reason_of_all":
            with contextlib.suppress(ValueError):
                reasons[UUID(name.removeprefix("reason_"))] = str(given or "").strip() or common
    return reasons


def _found(session: OfficeSession, import_id: UUID) -> MarkImport:
    found = session.get(MarkImport, import_id)
    if found is None:
        raise NotFound("marks_not_found", "没有找到这批成绩。请返回列表重新选择。")
    return found


def may(session: OfficeSession) -> dict[str, bool]:
    """The reader's permissions, for the buttons; the routes decide."""
    may = session.actor.may_change
    return {"examines": Permission.EXAMINE in may, "supervises": Permission.SUPERVISE in may}


def _all_subjects(session: OfficeSession, year: int) -> list[str]:
    return list(
        dict.fromkeys(subject for examined in subjects_by_grade(session, year).values() for subject in examined)
    )


def _titles(session: OfficeSession, year: int, data: Mapping[str, Any]) -> dict[str, str]:
    """The titles that the examiner named for the number and for the subjects."""
    fields = {"title_number": "number"} | {
        f"title_{at}": subject for at, subject in enumerate(_all_subjects(session, year))
    }
    return {title: meaning for name, meaning in fields.items() if (title := str(data.get(name) or "").strip())}


def _grades(data: Mapping[str, Any]) -> list[Grade]:
    sent = data.get("grade") or []
    chosen = [str(number) for number in (sent if isinstance(sent, list) else [sent])]
    known = {str(int(grade)): grade for grade in Grade}
    if not chosen or set(chosen) - set(known):
        raise Invalid("grades_missing", "请选择要认定结果的等级。", at="grade")
    return [known[number] for number in chosen]


def _corrected(data: Mapping[str, Any]) -> Corrected:
    written = str(data.get("mark") or "").strip()
    try:
        return Corrected(Decimal(written) if written else None, MarkStatus(str(data.get("status") or "scored")))
    except (InvalidOperation, ValueError):
        raise Invalid("mark_unreadable", "成绩须为0至100之间的数字，最多一位小数。", at="mark") from None


def _case(session: OfficeSession, reference: str) -> UUID:
    wanted = select(Application.id).where(
        Application.office_id == session.office_id, Application.reference == reference.strip().upper()
    )
    found = session.scalar(wanted)
    if found is None:
        raise Invalid("reference_unknown", "没有这个申报编号，或不是本机构的考生。请核对。", at="reference")
    return found
