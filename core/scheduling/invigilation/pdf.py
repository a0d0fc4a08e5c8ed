"""The duty roster of invigilators as a PDF: all sittings on one paper, to post and to sign."""

from core.audit import service as audit
from core.db.session import OfficeSession
from core.domain.calendar import KIND_NAMES
from core.plugin_api import WindowKind
from core.printing.pdf import PrintedPaper, pdf
from core.scheduling.invigilation.duty_roster import RoomWatched, duty_roster
from core.scheduling.models.plans import Plan
from core.tenancy.models import Office
from core.text import dates
from core.text.filters import day, minute

_COLUMNS = ("时间", "考点", "考场", "监考人员（★为主监考）", "签名")


def roster_pdf(session: OfficeSession, plan: Plan) -> PrintedPaper:
    """The roster of a plan as a PDF; the download is recorded."""
    audit.record_on(session, plan, "papers.fetched", paper="duty_roster")
    office = session.get_one(Office, plan.office_id).name
    title = f"{plan.year}年度{KIND_NAMES[WindowKind(plan.exam)]}监考人员安排总表"
    data = {
        "title": title,
        "heading": [title],
        "footer": f"{office}　内部资料，用后按规定保管",
        "digest": "",
        "code": "",
        "office": office,
        "made_at": minute(session.now),
        "draft": "" if plan.state == "published" else "草案，尚未发布",
        "columns": _COLUMNS,
        "rows": [_row(room) for room in duty_roster(session, plan.id)],
    }
    return PrintedPaper(pdf("duties", data), f"监考人员安排总表-{day(plan.made_at)}.pdf")


def _row(watched: RoomWatched) -> list[str]:
    named = [f"{'★' if who.chief else ''}{who.name}（{who.unit_name}）" for who in watched.watching]
    when = f"{dates.short_day(watched.starts_at)}\n{dates.clock(watched.starts_at)}—{dates.clock(watched.ends_at)}"
    return [when, watched.site, watched.room, "\n".join(named) or "尚未安排", ""]
