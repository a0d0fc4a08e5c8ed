"""The office's report of its season: its figures, late entries and filings, and the sections of its plugins."""

from litestar import Response

from core.db.session import OfficeSession
from core.oversight import queries
from core.oversight.filings_due import KIND_LABELS
from core.oversight.pdf import STATES, report_pdf, rows_of
from core.oversight.report import Report, report
from core.pages.season import season_asked
from core.platform import Platform
from core.tenancy.models import Office
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import OFFICERS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, render
from core.web.routes import look, page


@page("/season/report", roles=OFFICERS)
def report_page(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[str]:
    """The report as it stands now."""
    found = _report(request, session, platform)
    return render(
        request,
        session,
        "oversight/report.html",
        report=found,
        office=session.get_one(Office, session.office_id).name,
        sections=[(section.title, rows_of(section)) for section in found.sections],
        kinds={kind.value: label for kind, label in KIND_LABELS.items()},
        states=STATES,
    )


@look("/season/report.pdf", roles=OFFICERS)
def printed_report(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[bytes]:
    """The report to be printed and sealed."""
    return printed(
        report_pdf(_report(request, session, platform), office=session.get_one(Office, session.office_id).name)
    )


def _report(request: AnyRequest, session: OfficeSession, platform: Platform) -> Report:
    year = season_asked(request, session).year
    season, view = queries.views_of(platform.offices, session.office_id, year, at=session.now)
    figures = queries.standard_figures(session, session.office_id, year)
    sections = platform.offices.hooks(session.office_id).report_sections(season, view, figures)
    return report(session, session.office_id, year, sections=sections)
