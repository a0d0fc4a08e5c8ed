"""The results of a unit's people on its pages: outcomes, certificates to save, notices, revocations."""

from typing import Annotated
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.applications.queries import application
from core.audit import service as audit
from core.db.session import UnitSession
from core.domain.pass_rules import STATUS_LABELS
from core.errors import Invalid
from core.organizations.models import Unit
from core.pages.results.certificates import certificate_file
from core.pages.season import season_asked
from core.pages.table_export import Sheet, TableAsked, table_file
from core.plugin_api import Grade
from core.printing.pdf import PrintedPaper
from core.results.awards.pdf import excerpt_pdf
from core.results.awards.queries import trade_names
from core.results.awards.standing import standing_of_pass
from core.results.candidate import unit_results
from core.results.candidate.own_results import results_of
from core.results.candidate.unit_results import ONLY_LABELS, Only, UnitResult
from core.results.corrections.score_checks import CHECK_LABELS
from core.text.filters import day
from core.web.dependencies import OfUnit, ThePlatform
from core.web.guards import UNITS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, render
from core.web.routes import look, page

Narrowed = Annotated[str, QueryParameter(name="only", max_length=20, description="只看哪些人员。")]
_COLUMNS = ("姓名", "身份证末四位", "单位", "等级", "工种", "考核结果", "证书", "证书编号", "发证日期", "编号")


@page("/unit/results", roles=UNITS)
def results_page(request: AnyRequest, session: OfUnit, wanted: Narrowed = "all") -> Response[str]:
    """My people's results and certificates, and the notices that name them."""
    only, year = _only(wanted), season_asked(request, session).year
    return render(
        request,
        session,
        "results/unit.html",
        year=year,
        only=only.value,
        chips=[(text, f"/unit/results?only={choice.value}", choice is only) for choice, text in ONLY_LABELS.items()],
        people=unit_results.unit_results(session, year, only),
        notices=unit_results.unit_notices(session, year),
        result=_result,
        paper=_paper,
        grades={int(grade): grade.label for grade in Grade},
        trades=trade_names(session, year),
    )


@page("/unit/results/{application_id:uuid}", roles=UNITS)
def person_page(request: AnyRequest, session: OfUnit, application_id: FromPath[UUID]) -> Response[str]:
    """One of my people: marks by subject, the outcome once published, score checks."""
    case, found = application(session, application_id), results_of(session, application_id)
    return render(
        request,
        session,
        "results/unit_person.html",
        of_year=case.year,
        case=case,
        grade=case.grade_label,
        trade=trade_names(session, case.year).get((case.grade or 0, case.trade or ""), case.trade or ""),
        found=found,
        standing=None if found.outcome is None else standing_of_pass(session, found.outcome),
        statuses={status.value: text for status, text in STATUS_LABELS.items()},
        check_labels=CHECK_LABELS,
    )


@table_file("/unit/results/table", roles=UNITS)
def results_table(session: UnitSession, table: TableAsked) -> Sheet:
    """The same list as an Excel file."""
    only, year = _only(table.query.get("only", "all")), table.season(session).year
    trades = trade_names(session, year)
    rows = [
        (
            result.name,
            result.id_tail,
            result.unit,
            Grade(result.grade).label if result.grade else "",
            trades.get((result.grade, result.trade), result.trade),
            _result(result)[0],
            _paper(result)[0],
            result.number,
            day(result.issued_at) if result.issued_at else "",
            result.reference,
        )
        for result in unit_results.unit_results(session, year, only)
    ]
    return Sheet(f"{year}年度考核结果和证书", _COLUMNS, rows, ONLY_LABELS[only])


@look("/unit/results/certificates/{certificate_id:uuid}/pdf", roles=UNITS)
def certificate_pdf(session: OfUnit, platform: ThePlatform, certificate_id: FromPath[UUID]) -> Response[bytes]:
    """The certificate of one of my people as a file; a revoked one says so across it."""
    return certificate_file(session, platform, certificate_id)


@look("/unit/results/notices/{publication_id:uuid}/pdf", roles=UNITS)
def notice_pdf(session: OfUnit, publication_id: FromPath[UUID]) -> Response[bytes]:
    """The lines of my people in a notice of those who passed; the opening is recorded."""
    listed, lines = unit_results.notice_lines(session, publication_id)
    subject = audit.RecordSubject(listed.office_id, "publication", listed.id)
    audit.record_on(session, subject, "publication.excerpt_opened", unit=str(session.unit_id), people=len(lines))
    return printed(
        PrintedPaper(excerpt_pdf(session, listed, lines, unit=_unit(session)), f"合格人员通知-本单位-{listed.year}.pdf")
    )


def _result(result: UnitResult) -> tuple[str, str]:
    """Whether a person passed, in words and with a tone."""
    if result.struck_reason and not result.listed:
        return "已取消公示资格", "stopped"
    if result.revoked_at is not None:
        return "证书已撤销", "stopped"
    if result.passed is None:
        return "尚未公布", "waits"
    if not result.passed:
        return "不合格", "stopped"
    return ("合格，公示中", "waits") if result.listed == "published" else ("合格", "done")


def _paper(result: UnitResult) -> tuple[str, str]:
    """How a person's certificate stands, in words and with a tone."""
    if result.certificate_id is None:
        return ("公示期满后发证", "waits") if result.passed and result.listed else ("—", "plain")
    if result.revoked_at is None:
        return "有效", "done"
    return ("已撤销，已收回", "stopped") if result.returned_at else ("已撤销，纸质证书待收回", "stopped")


def _only(wanted: str) -> Only:
    try:
        return Only(wanted)
    except ValueError:
        raise Invalid("filter_unknown", "没有这个筛选，请从页面上的筛选中选择。") from None


def _unit(session: UnitSession) -> str:
    return session.get_one(Unit, session.unit_id).name
