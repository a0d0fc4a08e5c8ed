"""The rosters that a unit prints, stamps and brings to its office, its batches, and its originals in custody.

Source: 2024 notice §2(2), §2(5), §3(3).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody

from core.db.session import ScopedSession, UnitSession
from core.documents.attachment_queries import files_of, open_kinds, standing_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.domain.workflow import STATE_LABELS
from core.errors import NotFound
from core.pages.offered_files import digest_of, offered_file
from core.pages.season import season_asked
from core.pages.table_export import Sheet, TableAsked, table_file
from core.platform import Platform
from core.printing.fonts import unprintable_of
from core.printing.pdf import PrintedPaper, pdf
from core.reviews import onsite, originals, rosters
from core.reviews.models import OnsiteBatch, Roster
from core.reviews.rosters import ROSTER_TITLES, RosterKind
from core.seasons.trade_lists import trades_in_force
from core.tenancy.models import Office
from core.text.filters import minute
from core.web.dependencies import OfUnit, ThePlatform
from core.web.guards import UNITS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, attempt, render, see
from core.web.routes import form, form_with_file, look, page

_COLUMNS = ("序号", "姓名", "身份证号码", "单位", "申报等级", "申报工种", "申报编号", "备注")
_ROWS = ("number", "name", "identity", "unit", "grade", "trade", "reference", "remark")
_TONES = {"handed_in": "waits", "received": "waits", "returned": "stopped", "closed": "done"}


@page("/unit/rosters", roles=UNITS)
def rosters_page(request: AnyRequest, session: OfUnit, platform: ThePlatform) -> Response[str]:
    """Both rosters as of now, and the batches handed in."""
    return _show(request, session, platform)


@form("/unit/rosters/{kind:str}", roles=UNITS)
def make_roster(request: AnyRequest, session: OfUnit, platform: ThePlatform, kind: FromPath[str]) -> Response[Any]:
    """Make the version to print, and open it."""
    with attempt(request, session) as tried:
        made = rosters.make_roster(session, _kind(kind), season_asked(request, session).year)
        return see(f"/unit/rosters/{made.id}/pdf")
    return _show(request, session, platform, tried=tried)


@look("/unit/rosters/{roster_id:uuid}/pdf", roles=UNITS)
def roster_pdf(session: OfUnit, platform: ThePlatform, roster_id: FromPath[UUID]) -> Response[bytes]:
    """One version as a PDF, to be printed and stamped."""
    roster = rosters.roster(session, roster_id)
    title = ROSTER_TITLES[RosterKind(roster.kind)]
    name = _unit_of(roster)
    data = {
        "title": title,
        "footer": f"{title}　第{roster.version}版　{name}",
        "digest": roster.digest,
        "code": f"{title} {roster.year} 第{roster.version}版 {roster.digest}",
        "unit": name,
        "year": roster.year,
        "version": roster.version,
        "made_at": minute(roster.made_at),
        "columns": _COLUMNS,
        "rows": _texts(session, platform, roster, rosters.rows_to_print(session, roster, keys=platform.keys)),
    }
    return printed(PrintedPaper(pdf("roster", data), f"{title}-{roster.year}-第{roster.version}版.pdf"))


@table_file("/unit/rosters/{roster_id:uuid}/excel", roles=UNITS)
def roster_excel(session: UnitSession, table: TableAsked) -> Sheet:
    """The same rows as a table."""
    roster = rosters.roster(session, UUID(table.path["roster_id"]))
    title, rows = ROSTER_TITLES[RosterKind(roster.kind)], _texts(session, table.platform, roster, roster.rows)
    return Sheet(title, _COLUMNS, rows, f"{roster.year}年度第{roster.version}版")


@form_with_file("/unit/batches", roles=UNITS)
def hand_in(
    request: AnyRequest, session: OfUnit, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Hand in the cases of the stamped roster with its scan; the unit brings the paper to the office."""
    with attempt(request, session) as tried, offered_file(data, "stamped") as scan:
        roster_id, office_id = UUID(str(data.get("roster_id"))), str(data.get("office_id") or "") or None
        batch = onsite.hand_in_batch(session, roster_id, stamped_scan_sha256=digest_of(scan), office_id=office_id)
        attach(session, Subject.BATCH, batch.id, scan, keeping=platform.keeping)
        return see(f"/unit/batches/{batch.id}")
    return _show(request, session, platform, tried=tried)


@page("/unit/batches/{batch_id:uuid}", roles=UNITS)
def batch_page(request: AnyRequest, session: OfUnit, batch_id: FromPath[UUID]) -> Response[str]:
    """One batch: its cases, the office's receipt, and the originals in custody."""
    batch = session.get(OnsiteBatch, batch_id)
    if batch is None:
        raise NotFound("no_such_batch", "没有找到本单位提交的这批材料。请从“名册和报送”重新进入。")
    cases = onsite.listed_cases(session, batch_id)
    return render(
        request,
        session,
        "reviews/batch.html",
        of_year=batch.year,
        batch=batch,
        state=onsite.LABELS[onsite.BatchState(batch.state)],
        tone=_TONES[batch.state],
        office=session.get_one(Office, batch.office_id).name,
        cases=cases,
        labels=STATE_LABELS,
        originals=originals.originals_by_case(session, [case.id for case in cases]),
        files=files_of(session, Subject.BATCH, [batch.id])[batch.id],
        may_attach=bool(open_kinds(session, standing_of(session, Subject.BATCH, batch.id))),
    )


def _show(
    request: AnyRequest, session: UnitSession, platform: Platform, *, tried: Attempt | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    made = rosters.rosters_of(session, session.unit_id, year)
    batches = onsite.batches(session, year)
    stamped = files_of(session, Subject.ROSTER, [roster.id for roster in made])
    lying = {batch.roster_id for batch in batches if onsite.BatchState(batch.state) in onsite.OPEN}
    lists = []
    for kind in RosterKind:
        now = rosters.roster_rows(session, kind, year)
        latest = next((roster for roster in made if roster.kind == kind), None)
        current = latest if latest is not None and latest.digest == now.digest else None
        lists.append(
            {
                "kind": kind.value,
                "title": now.title,
                "people": len(now.rows),
                "unprintable": unprintable_of(now.printed),
                "latest": latest,
                "current": current is not None,
                "stamped": None if latest is None or kind is RosterKind.ONSITE else stamped[latest.id],
                "to_hand_in": kind is RosterKind.ONSITE and current is not None and current.id not in lying,
            }
        )
    return render(
        request,
        session,
        "reviews/rosters.html",
        tried=tried,
        lists=lists,
        batches=batches,
        batch_labels={state.value: text for state, text in onsite.LABELS.items()},
        batch_tones=_TONES,
        offices={batch.office_id: session.get_one(Office, batch.office_id).name for batch in batches},
        choice=_offices(session, year),
        limits=limits_of(platform.offices.catalogue.province.config),
    )


def _offices(session: UnitSession, year: int) -> list[tuple[str, str]]:
    """The offices that confirm on site, where there is more than one to hand in to."""
    return [(code, session.get_one(Office, code).name) for code in rosters.offices_of(session, RosterKind.ONSITE, year)]


def _kind(kind: str) -> RosterKind:
    try:
        return RosterKind(kind)
    except ValueError:
        raise NotFound("no_such_roster", "没有这种名册。请从“名册和报送”重新进入。") from None


def _unit_of(roster: Roster) -> str:
    return str(roster.rows[0]["unit"]) if roster.rows else ""


def _texts(
    session: ScopedSession, platform: Platform, roster: Roster, rows: Sequence[Mapping[str, Any]]
) -> list[list[str]]:
    """The rows as they are printed: a trade by its name."""
    names = {trade.code: trade.name for trade in trades_in_force(session, platform.offices.catalogue, roster.year)}
    return [[str(names.get(row[name], row[name])) for name in _ROWS] for row in rows]
