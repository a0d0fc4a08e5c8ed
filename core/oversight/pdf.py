"""An office's report of its season as a PDF, with the digest of its figures."""

from core.clock import SHANGHAI
from core.oversight.filings_due import KIND_LABELS
from core.oversight.labels import label_of
from core.oversight.report import Report
from core.plugin_api import FilingKind, ReportSection
from core.printing.pdf import PrintedPaper, pdf
from core.text.filters import day, minute

STATES = {"filed": "已报送，待接收", "received": "已备案", "returned": "已退回"}


def rows_of(section: ReportSection) -> list[tuple[str, int]]:
    """The figures of a section in words; states and grades in which nobody stands are left out."""
    return [
        (label_of(name), count)
        for name, count in section.figures.items()
        if count or not name.startswith(("state_", "grade_"))
    ]


def report_pdf(found: Report, *, office: str) -> PrintedPaper:
    """The report as an office prints, seals and hands it in."""
    title = f"{office}{found.year}年度工勤技能岗位等级考核情况报告"
    data = {
        "title": title,
        "heading": (office, f"{found.year}年度工勤技能岗位等级考核情况报告"),
        "footer": f"数据截至{minute(found.made_at.astimezone(SHANGHAI))}",
        "digest": found.digest,
        "code": "",
        "sections": [
            (section.title, [(label, str(count)) for label, count in rows_of(section)]) for section in found.sections
        ],
        "late": [
            (str(number), day(line.approved_at), line.reason) for number, line in enumerate(found.late_entries, 1)
        ],
        "filings": [
            (
                KIND_LABELS[FilingKind(line.kind)],
                f"第{line.version}版",
                STATES.get(line.state, line.state) + ("（逾期报送）" if line.late else ""),
                line.receipt_number or "—",
            )
            for line in found.filings
        ],
        "day": day(found.made_at),
        "office": office,
    }
    return PrintedPaper(pdf("report", data), f"{title}.pdf")
