"""The ledger of certificates (发证登记册) by pages: where each paper is, batches, handing over, signatures."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.applications.form_steps import Fields
from core.audit import service as audit
from core.db.session import OfficeSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.domain.permissions import Permission
from core.errors import Invalid, NotFound
from core.pages.season import season_asked
from core.pages.table_export import Sheet, TableAsked, table_file
from core.printing.pdf import PrintedPaper
from core.results.ledger import queries, service
from core.results.ledger.pdf import ledger_pdf, sheet_pdf, signed_for
from core.results.ledger.places import BATCH_LABELS, ITEM_LABELS, PLACE_LABELS, BatchState, ItemState, PaperPlace
from core.text.filters import day
from core.web.dependencies import OfOffice
from core.web.guards import OFFICERS, SUPERVISORS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page

READERS = SUPERVISORS | OFFICERS
Words = Annotated[str, QueryParameter(name="words", max_length=100, description="证书编号、姓名或单位中的字。")]
PlaceAsked = Annotated[str, QueryParameter(name="place", max_length=20, description="纸质证书在哪里。")]
After = Annotated[str, QueryParameter(name="after", max_length=40, description="从这个编号之后列起。")]
BATCH_TONES: Mapping[BatchState, str] = {
    BatchState.MADE: "waits",
    BatchState.HANDED_OVER: "waits",
    BatchState.SETTLED: "done",
    BatchState.CANCELLED: "plain",
}
ITEM_TONES: Mapping[ItemState, str] = {
    ItemState.WAITING: "waits",
    ItemState.RECEIVED: "done",
    ItemState.RETURNED: "stopped",
    ItemState.DROPPED: "plain",
}
_PLACE_TONES: Mapping[PaperPlace, str] = {
    PaperPlace.STOCK: "waits",
    PaperPlace.BATCH: "waits",
    PaperPlace.UNIT: "waits",
    PaperPlace.RECEIVED: "done",
    PaperPlace.TO_RETURN: "stopped",
    PaperPlace.BACK: "plain",
    PaperPlace.LOST: "plain",
}
_COLUMNS = ("证书编号", "姓名", "身份证末四位", "单位", "等级", "工种", "发证日期", "纸质证书", "批次", "签领", "备注")


@page("/certificates/ledger", roles=READERS)
def ledger_page(
    request: AnyRequest, session: OfOffice, *, place: PlaceAsked = "", words: Words = "", after: After = ""
) -> Response[str]:
    """Every certificate of the year with the place of its paper, what lies at the office, and the batches."""
    return _ledger(request, session, place=place, words=words, after=after)


@form("/certificates/ledger/batches", roles=OFFICERS)
def make_batches(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Make a batch of each chosen unit's papers."""
    with attempt(request, session) as tried:
        made = service.make_batches(session, season_asked(request, session).year, chosen_ids(data, "unit"))
        return see(f"/certificates/batches/{made[0].id}" if len(made) == 1 else "/certificates/ledger#batches")
    return _ledger(request, session, tried=tried)


@table_file("/certificates/ledger/export", roles=READERS)
def export_ledger(session: OfficeSession, table: TableAsked) -> Sheet:
    """The ledger as an Excel file."""
    year, asked = table.season(session).year, table.texts("place", "words")
    place = _place(asked["place"])
    rows = [
        (
            entry.number,
            entry.holder,
            entry.tail,
            entry.unit,
            entry.grade,
            entry.trade,
            day(entry.issued_at),
            PLACE_LABELS[entry.place],
            f"第{entry.serial}批" if entry.serial else "",
            signed_for(entry),
            _remark(entry),
        )
        for entry in queries.entries(session, year, place=place, words=asked["words"])
    ]
    filters = "，".join(filter(None, (place.label if place else "", asked["words"])))
    return Sheet(f"{year}年度发证登记册", _COLUMNS, rows, filters)


@look("/certificates/ledger/pdf", roles=READERS)
def print_ledger(request: AnyRequest, session: OfOffice) -> Response[bytes]:
    """The ledger of the year on paper; the opening is recorded."""
    year = season_asked(request, session).year
    entries = queries.entries(session, year)
    subject = audit.RecordSubject(session.office_id, "office", session.office_id)
    audit.record_on(session, subject, "certificates.ledger_printed", year=year, count=len(entries))
    return printed(PrintedPaper(ledger_pdf(session, year, entries), f"发证登记册-{year}.pdf"))


@page("/certificates/batches/{handout_id:uuid}", roles=READERS)
def batch_page(request: AnyRequest, session: OfOffice, handout_id: FromPath[UUID]) -> Response[str]:
    """One batch: its papers, the sheet for signatures, and what is to be noted."""
    return _batch(request, session, handout_id)


@look("/certificates/batches/{handout_id:uuid}/pdf", roles=READERS)
def print_sheet(session: OfOffice, handout_id: FromPath[UUID]) -> Response[bytes]:
    """The sheet for signatures of a batch."""
    batch = queries.batch(session, handout_id)
    paper = sheet_pdf(session, batch, queries.batch_entries(session, handout_id))
    return printed(PrintedPaper(paper, f"证书签收表-{batch.year}-第{batch.serial}批.pdf"))


@form("/certificates/batches/{handout_id:uuid}/{step:str}", roles=OFFICERS)
def take_step(
    request: AnyRequest, session: OfOffice, *, handout_id: FromPath[UUID], step: FromPath[str], data: Sent
) -> Response[Any]:
    """Hand a batch over, take it back, note signatures or what came back, or take a signature back."""
    chosen, reason = chosen_ids(data, "certificate"), str(data.get("reason") or "")
    with attempt(request, session) as tried:
        match step:
            case "hand-over":
                service.hand_over(session, handout_id, receiver=str(data.get("receiver") or ""))
            case "cancel":
                service.cancel(session, handout_id)
            case "received":
                receiver, note = str(data.get("receiver") or ""), str(data.get("note") or "")
                service.note_received(session, handout_id, chosen, receiver=receiver, note=note)
            case "returned":
                service.note_returned(session, handout_id, chosen, reason=reason)
            case "reopen":
                if len(chosen) != 1:
                    raise Invalid("certificates_missing", "请选择一本证书。", at="certificate")
                service.reopen(session, handout_id, chosen[0], reason=reason)
            case _:
                raise NotFound("no_such_step", "没有这项操作。请从批次页面办理。")
        return see(f"/certificates/batches/{handout_id}")
    return _batch(request, session, handout_id, tried=tried, given=data)


def _ledger(
    request: AnyRequest,
    session: OfficeSession,
    *,
    tried: Attempt | None = None,
    place: str = "",
    words: str = "",
    after: str = "",
) -> Response[str]:
    year, asked = season_asked(request, session).year, _place(place)
    found = queries.entries(session, year, place=asked, words=words, after=after, limit=queries.PAGE_SIZE)
    counts = queries.counts(session, year)
    kept = f"&words={words}" if words else ""
    return render(
        request,
        session,
        "results/ledger.html",
        tried=tried,
        year=year,
        entries=found,
        total=sum(counts.values()),
        chips=[("全部", f"/certificates/ledger?{kept[1:]}", asked is None)]
        + [
            (f"{PLACE_LABELS[choice]} {count}", f"/certificates/ledger?place={choice.value}{kept}", choice is asked)
            for choice, count in counts.items()
        ],
        place=asked.value if asked else "",
        words=words,
        places={choice: (PLACE_LABELS[choice], _PLACE_TONES[choice]) for choice in PaperPlace},
        stock=queries.in_stock(session, year),
        batches=queries.batches(session, year),
        states={state.value: (BATCH_LABELS[state], BATCH_TONES[state]) for state in BatchState},
        signed_for=signed_for,
        remark=_remark,
        runs=Permission.RUN_OFFICE in session.actor.may_change,
        next_address=f"/certificates/ledger?place={place}{kept}&after={found[-1].number}"
        if len(found) == queries.PAGE_SIZE
        else None,
        first_address="/certificates/ledger" if after else None,
    )


def _batch(
    request: AnyRequest,
    session: OfficeSession,
    handout_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    batch = queries.batch(session, handout_id)
    return render(
        request,
        session,
        "results/batch.html",
        of_year=batch.year,
        tried=tried,
        batch=batch,
        unit=queries.unit_name(session, batch),
        runs=Permission.RUN_OFFICE in session.actor.may_change,
        by_unit=False,
        **batch_parts(session, handout_id, given),
    )


def batch_parts(session: Any, handout_id: UUID, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """What office and unit are shown of a batch alike."""
    batch = queries.batch(session, handout_id)
    entries = queries.batch_entries(session, handout_id)
    return {
        "state": (BATCH_LABELS[BatchState(batch.state)], BATCH_TONES[BatchState(batch.state)]),
        "entries": entries,
        # The paper of a certificate that holds no longer is called back with the certificate itself.
        "waiting": [entry for entry in entries if entry.item_state == "waiting" and _in_force(entry)],
        "void": [entry for entry in entries if entry.item_state == "waiting" and not _in_force(entry)],
        "received": [entry for entry in entries if entry.item_state == "received"],
        "items": {state.value: (ITEM_LABELS[state], ITEM_TONES[state]) for state in ItemState},
        "files": files_of(session, Subject.CERTIFICATES, [handout_id])[handout_id],
        "reopened": [
            (str(entry.certificate_id), f"{entry.holder}　{entry.number}")
            for entry in entries
            if entry.item_state == "received"
        ],
        "signed_for": signed_for,
        "given": Fields(given or {}),
    }


def chosen_ids(data: Mapping[str, Any], name: str) -> list[UUID]:
    """The ids that a form sent under a name; Invalid at the field where one is none."""
    sent = data.get(name) or []
    try:
        return [UUID(str(one)) for one in (sent if isinstance(sent, list) else [sent])]
    except ValueError:
        raise Invalid("selection_unreadable", "所选内容无法识别。请刷新页面后重新勾选。", at=name) from None


def _place(text: str) -> PaperPlace | None:
    if not text:
        return None
    if text not in frozenset(PaperPlace):
        raise Invalid("filter_unknown", "没有这个筛选，请从页面上的筛选中选择。")
    return PaperPlace(text)


def _in_force(entry: queries.Entry) -> bool:
    return entry.revoked_at is None and entry.superseded_at is None


def _remark(entry: queries.Entry) -> str:
    """What became of a certificate besides its paper, in words."""
    parts = []
    if entry.replaces:
        parts.append(f"原证号{entry.replaces}")
    if entry.successor:
        parts.append(f"已换发为{entry.successor}")
    if entry.revoked_at is not None:
        parts.append(f"{day(entry.revoked_at)}撤销")
    if entry.note:
        parts.append(entry.note)
    return "；".join(parts)
