"""Pages of responsible persons: those of the office, of the offices below it, and what is missing."""

from typing import Any

from litestar import Response

from core.applications.form_steps import Fields
from core.db.session import OfficeSession
from core.domain.permissions import Permission
from core.pages.season import season_asked
from core.pages.table_export import Sheet, TableAsked, table_file
from core.responsibility import queries, ranks, service
from core.responsibility.pdf import list_pdf
from core.responsibility.ranks import Rank
from core.tenancy.models import Office
from core.text import dates
from core.web.dependencies import OfOffice
from core.web.guards import OFFICERS, ON_SITE
from core.web.page import form_fields as fields
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page

READERS = OFFICERS | ON_SITE


@page("/responsible", roles=READERS)
def responsible_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """Who is responsible at the office and below it, and whom an office has not named."""
    return _show(request, session)


@form("/responsible", roles=OFFICERS)
def name_responsible(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Name the person of a rank from a day on."""
    with attempt(request, session) as tried:
        service.name_responsible(
            session,
            season_asked(request, session).year,
            fields.one_of(Rank, data, "rank"),
            name=fields.text(data, "name"),
            post=fields.text(data, "post"),
            telephone=fields.text(data, "telephone"),
            from_day=fields.day(data, "from_day"),
        )
        return see("/responsible")
    return _show(request, session, tried=tried, given=data)


@table_file("/responsible/export", roles=READERS)
def export_responsible(session: OfficeSession, table: TableAsked) -> Sheet:
    """The responsible persons of the office and of those below it as an Excel file."""
    year = table.season(session).year
    rows = [
        (place.office.name, rank.label, entry.name, entry.post, entry.telephone, dates.day(entry.from_day))
        if (entry := place.held.get(rank))
        else (place.office.name, rank.label, "未登记", "", "", "")
        for place in queries.responsible_below(session, year, below=session.office_id)
        for rank in Rank
        if place.owed or rank in place.held
    ]
    columns = ("机构", "责任", "姓名", "职务", "联系电话", "起始日期")
    return Sheet(f"{year}年度考核工作责任人名单", columns, rows)


@look("/responsible/pdf", roles=READERS)
def print_responsible(request: AnyRequest, session: OfOffice) -> Response[bytes]:
    """The same on paper, with room for the seal."""
    year = season_asked(request, session).year
    found = queries.responsible_below(session, year, below=session.office_id)
    return printed(list_pdf(session.get_one(Office, session.office_id), found, year, made_at=session.now))


def _show(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    own, *below = queries.responsible_below(session, year, below=session.office_id)
    entries = queries.entries(session, session.office_id, year)
    return render(
        request,
        session,
        "responsibility/responsible.html",
        tried=tried,
        given=Fields(given or {}),
        own=own,
        below=below,
        ranks=list(Rank),
        choices=[(rank.value, rank.label) for rank in Rank],
        posts=ranks.POSTS,
        coming=ranks.to_come(entries, queries.today(session)),
        history=list(reversed(entries)),
        label=lambda rank: Rank(rank).label,
        names=Permission.RUN_OFFICE in session.actor.may_change,
        today=queries.today(session),
    )
