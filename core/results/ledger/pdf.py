"""The ledger and the sheet for signatures as PDFs; names and last digits alone, no number in full."""

from collections.abc import Sequence
from datetime import datetime

from core.clock import SHANGHAI
from core.db.session import OfficeSession, UnitSession
from core.printing.pdf import pdf
from core.results.ledger.places import PLACE_LABELS
from core.results.ledger.queries import Entry, unit_name
from core.results.models.ledger import CertificateBatch
from core.tenancy.models import Office
from core.text.filters import day

_LEDGER = ("序号", "证书编号", "姓名", "身份证末四位", "单位", "等级", "工种", "发证日期", "纸质证书", "签领人、日期")
_SHEET = ("序号", "证书编号", "姓名", "身份证末四位", "等级", "工种", "签领人签字", "签领日期")


def ledger_pdf(session: OfficeSession, year: int, entries: Sequence[Entry]) -> bytes:
    """The ledger (发证登记册) of an office's year, with who signed for each paper."""
    office = session.get_one(Office, session.office_id).name
    return pdf(
        "certificate_ledger",
        {
            "title": f"{year}年度等级证书发证登记册",
            "footer": office,
            "digest": "",
            "code": "",
            "office": office,
            "made_on": _on(session.now),
            "columns": _LEDGER,
            "rows": [_line(number, entry) for number, entry in enumerate(entries, 1)],
        },
    )


def sheet_pdf(session: OfficeSession | UnitSession, batch: CertificateBatch, entries: Sequence[Entry]) -> bytes:
    """The sheet (领取签收表) of a batch: a line for each holder to sign, and places for those who hand it over."""
    office = session.get_one(Office, batch.office_id).name
    return pdf(
        "certificate_receipt",
        {
            "title": f"{batch.year}年度等级证书领取签收表",
            "footer": f"{office}　第{batch.serial}批",
            "digest": "",
            "code": "",
            "office": office,
            "unit": unit_name(session, batch),
            "serial": batch.serial,
            "count": len(entries),
            "receiver": batch.receiver,
            "handed_on": _on(batch.handed_at) if batch.handed_at else "",
            "columns": _SHEET,
            "rows": [
                [str(number), entry.number, entry.holder, entry.tail, entry.grade, entry.trade, "", ""]
                for number, entry in enumerate(entries, 1)
            ],
        },
    )


def signed_for(entry: Entry) -> str:
    """Who signed for a paper and when; empty where nobody has."""
    if not entry.receiver or entry.received_at is None:
        return ""
    return f"{entry.receiver} {_on(entry.received_at)}"


def _line(number: int, entry: Entry) -> list[str]:
    where = PLACE_LABELS[entry.place]
    told = (entry.number, entry.holder, entry.tail, entry.unit, entry.grade, entry.trade, _on(entry.issued_at))
    return [str(number), *told, where, signed_for(entry)]


def _on(moment: datetime) -> str:
    return day(moment.astimezone(SHANGHAI))
