"""The certificate of attendance (培训证明) at a training course as a PDF."""

from uuid import UUID

from core.db.session import CaseSession
from core.printing.pdf import PrintedPaper, pdf
from core.scheduling.training.service import MODE_NAMES, Mode, certificate
from core.tenancy.models import Office
from core.text.filters import day, minute


def attendance_pdf(session: CaseSession, enrolment_id: UUID) -> PrintedPaper:
    """A certificate of attendance at a training course."""
    enrolment, course, case = certificate(session, enrolment_id)
    office = session.get_one(Office, course.office_id).name
    number = enrolment.certificate_number or ""
    text = (
        f"兹证明{case.unit_name}{case.person_name}（身份证号后四位{case.id_tail}）于{minute(course.starts_at)}至"
        f"{minute(course.ends_at)}参加“{course.title}”（{MODE_NAMES[Mode(course.mode)]}），出勤合格。"
    )
    data = {
        "title": "培训证明",
        "footer": f"编号{number}",
        "digest": "",
        "code": "",
        "text": text,
        "office": office,
        "on": day(enrolment.attended_at),
    }
    return PrintedPaper(pdf("attendance", data), f"培训证明-{number}.pdf")
