"""The papers of responsibility as A4 PDFs: the list of responsible persons."""

from collections.abc import Sequence
from typing import Any

from core.printing.pdf import PrintedPaper, pdf
from core.responsibility.queries import OfficeResponsible
from core.responsibility.ranks import Rank
from core.tenancy.models import Office
from core.text import dates


def list_pdf(office: Office, found: Sequence[OfficeResponsible], year: int, *, made_at: Any) -> PrintedPaper:
    """The responsible persons of an office and of those below it, with room for the seal."""
    rows = [
        [place.office.name, rank.label, *_cells(place, rank)]
        for place in found
        for rank in Rank
        if place.owed or rank in place.held
    ]
    title = f"{year}年度工勤技能岗位等级考核工作责任人名单"
    return _paper(
        title,
        f"截至{dates.minute(made_at)}",
        heading=(office.name, title),
        facts=[("依据", "《通知》四、（一）：落实考核管理工作责任制")],
        columns=("机构", "责任", "姓名", "职务", "联系电话", "起始日期"),
        widths=(3, 0, 2, 3, 2, 0),
        rows=rows,
        closing=f"共{len(rows)}人次，未登记的注明“未登记”。",
        seal=f"{office.name}盖章",
        signed="填表人：\n\n\n审核人：",
    )


def _cells(place: OfficeResponsible, rank: Rank) -> list[str]:
    entry = place.held.get(rank)
    if entry is None:
        return ["未登记", "", "", ""]
    return [entry.name, entry.post, entry.telephone, dates.day(entry.from_day)]


def _paper(title: str, footer: str, **data: Any) -> PrintedPaper:
    told = {"landscape": False, "title": title, "footer": footer, "digest": "", "code": "", **data}
    return PrintedPaper(pdf("onsite", told), f"{title}.pdf")
