"""The list of a hand-over (移交清单) as a PDF, to be signed by both sides; names and last digits alone."""

from collections.abc import Sequence
from typing import Final

from core.clock import SHANGHAI
from core.db.session import OfficeSession, UnitSession
from core.printing.pdf import pdf
from core.results.archive.handover_queries import Entry
from core.results.models.archive import ArchiveHandover
from core.results.models.awards import ArchivePackage
from core.tenancy.models import Office
from core.text.dates import day

_PEOPLE: Final = ("序号", "姓名", "身份证末四位", "等级", "工种", "证书编号", "材料")
_FILES: Final = ("序号", "名称", "内容")
_TO_UNIT: Final = (
    "请逐人核对后归入本人人事档案。缺少或有误的，不要签收，在系统“档案接收”中退回并写明原因。本表一式两份。"
)
_TO_ARCHIVE: Final = (
    "接收前用归档文件中的校验程序（verify.py）和上列公钥校验文件，核对SHA-256值；纸质材料按目录清点。本表一式两份。"
)


def unit_list_pdf(session: OfficeSession | UnitSession, handover: ArchiveHandover, entries: Sequence[Entry]) -> bytes:
    """The list of a unit: a line for each paper of each person."""
    rows = [
        (str(number), entry.holder, entry.tail, entry.grade, entry.trade, _numbered(entry), entry.matter.label)
        for number, entry in enumerate(entries, 1)
    ]
    return _list(
        session,
        handover,
        title=f"{handover.year}年度工勤技能岗位等级考核材料移交清单",
        columns=_PEOPLE,
        widths=("11mm", "2fr", "18mm", "26mm", "3fr", "42mm", "5fr"),
        rows=rows,
        note=_TO_UNIT,
    )


def archive_list_pdf(
    session: OfficeSession, handover: ArchiveHandover, package: ArchivePackage, *, public_key: str
) -> bytes:
    """The list for an archive: the file with its digest, the key that checks it, and the carriers."""
    of = "归档" if package.serial == 1 else f"第{(package.serial or 1) - 1}次补充归档：{package.reason}"
    rows = [
        ("1", "内容", f"{handover.year}年度工勤技能岗位等级考核档案（{of}）"),
        ("2", "载体和数量", handover.contents),
        ("3", "归档文件大小", f"{package.size or 0:,}字节"),
        ("4", "归档文件的SHA-256值", package.sha256 or ""),
        ("5", "校验签名的公钥", public_key),
        ("6", "目录", "见归档文件中的index.pdf、index.html"),
    ]
    return _list(
        session,
        handover,
        title=f"{handover.year}年度工勤技能岗位等级考核档案移交清单",
        columns=_FILES,
        widths=("11mm", "45mm", "1fr"),
        rows=rows,
        note=_TO_ARCHIVE,
    )


def _list(
    session: OfficeSession | UnitSession,
    handover: ArchiveHandover,
    *,
    title: str,
    columns: Sequence[str],
    widths: Sequence[str],
    rows: Sequence[Sequence[str]],
    note: str,
) -> bytes:
    office = session.get_one(Office, handover.office_id).name
    return pdf(
        "handover",
        {
            "title": title,
            "footer": f"{office}　第{handover.serial}号移交清单",
            "digest": "",
            "code": "",
            "office": office,
            "body": handover.receiving_body,
            "serial": handover.serial,
            "handed_by": handover.handed_by_name,
            "handed_on": day(handover.handed_at.astimezone(SHANGHAI)),
            "receiver": handover.receiver,
            "received_on": day(handover.received_on) if handover.received_on else "",
            "void": "" if handover.state != "withdrawn" else f"本清单已收回，不再使用：{handover.withdrawn_reason}",
            "columns": columns,
            "widths": widths,
            "rows": rows,
            "note": note,
        },
    )


def _numbered(entry: Entry) -> str:
    return f"{entry.number}（原证号{entry.replaces}）" if entry.replaces else entry.number
