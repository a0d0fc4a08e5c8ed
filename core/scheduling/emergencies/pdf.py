"""The report of an emergency on paper (突发事件报告), with everything that was reported, instructed and answered."""

from uuid import UUID

from core.db.session import ROLE_LABELS, ScopedSession
from core.printing.pdf import PrintedPaper, pdf
from core.scheduling.emergencies.kinds import STATE_LABELS, EntryKind
from core.scheduling.emergencies.queries import Line, Told, tell
from core.tenancy.models import Office
from core.text.dates import minute


def report_pdf(session: ScopedSession, emergency_id: UUID, *, pictures: int) -> PrintedPaper:
    """The report of an emergency that the session sees; ``pictures`` are filed with it."""
    told = tell(session, emergency_id)
    found, title = told.listed.emergency, "突发事件报告"
    office = session.get_one(Office, found.office_id)
    when = minute(found.reported_at)
    data = {
        "title": title,
        "heading": [f"{found.year}年度机关事业单位工勤技能岗位等级考核", title],
        "footer": f"{title}　{office.short_name}　{told.listed.kind.label}　{minute(found.happened_at)}",
        "digest": "",
        "code": "",
        "office": office.name,
        "facts": _facts(told, pictures),
        "people": [(who.number, who.person_name or "—", who.id_tail or "—") for who in told.people],
        "lines": [
            (when, "初报", office.short_name, found.reported_name, found.facts),
            *((minute(line.at), line.kind.label, line.office_name, line.by_name, _said(line)) for line in told.lines),
        ],
        "measures": found.measures or "—",
        "made_by": f"{ROLE_LABELS[session.actor.role]} {session.actor.name}",
        "made_at": minute(session.now),
    }
    return PrintedPaper(pdf("emergency", data), f"{title}-{office.short_name}-{found.happened_at:%Y%m%d%H%M}.pdf")


def _facts(told: Told, pictures: int) -> list[tuple[str, str]]:
    found = told.listed.emergency
    place = "　".join(part for part in (told.listed.site_name, told.room_name) if part) or "—"
    sitting = "—"
    if told.sitting is not None:
        sitting = f"{minute(told.sitting.starts_at)}开考，{'、'.join(told.sitting.subjects)}"
    return [
        ("类别", told.listed.kind.label),
        ("程度", told.listed.severity.label),
        ("发生时间", minute(found.happened_at)),
        ("报告时间", minute(found.reported_at)),
        ("考点、考场", place),
        ("场次", sitting),
        ("涉及考生", f"{len(told.people)}人" if told.people else "未逐人登记"),
        ("现状", STATE_LABELS[found.state][0]),
        ("照片和书面材料", f"{pictures}份，另附" if pictures else "无"),
    ]


def _said(line: Line) -> str:
    return "已收到报告。" if line.kind is EntryKind.RECEIVED else line.text
