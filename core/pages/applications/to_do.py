"""What an applicant has to do before the next step, until when, and the page on which each is done."""

from dataclasses import dataclass
from datetime import datetime

from core.applications import form_steps, forms
from core.applications.form_steps import CHECK, PAPERS
from core.applications.models import Application
from core.db.session import PersonSession
from core.domain.workflow import State
from core.identity.models import Person
from core.platform import Platform
from core.plugin_api import Grade, WindowKind
from core.reviews import changes, submission
from core.reviews.models import ReviewItem
from core.reviews.queries import faulty_items, remark
from core.reviews.reasons import MISSING
from core.seasons.queries import calendar_now, late_entry_for


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to do: the text, the page below the application's address, and the word on its button."""

    name: str
    text: str
    address: str
    button: str


@dataclass(frozen=True, slots=True)
class Until:
    """A closing date that counts for the application; ``at`` is None where the office has not set it."""

    label: str
    at: datetime | None


def to_do(session: PersonSession, platform: Platform, application: Application, names: dict[str, str]) -> list[ToDo]:
    """All that keeps the application from being submitted: answers and papers; after a return what is still open."""
    if application.state == State.RETURNED:
        asked = faulty_items(session, application)
        left = changes.still_open(session, application, [item.item for item in asked])
        return [_after_a_return(item, names.get(item.item, item.item)) for item in asked if item.item in left]
    if application.state != State.DRAFT:
        return []
    draft, person = forms.read_draft(application.form), session.get_one(Person, application.person_id)
    found = {
        **{name: text for name, text in forms.gaps(draft).items() if name != "declared_true"},
        **forms.faults(draft, year=application.year, birth_date=person.birth_date),
    }
    rules = platform.rules[application.year]
    judgement = submission.foreseen(session, application, offices=platform.offices, rules=rules)
    absent = forms.gaps(draft).keys()
    order = form_steps.pages()
    in_order = sorted(found.items(), key=lambda fault: order.index(form_steps.step_of(fault[0])))
    return [
        *(
            ToDo(names.get(name, name), text, form_steps.place_of(name), _word(name, absent=name in absent))
            for name, text in in_order
        ),
        *(
            ToDo(paper.name, "还没有上传。", form_steps.place_of(paper.code), _word(paper.code, absent=True))
            for paper in submission.lacking_papers(judgement)
        ),
    ]


def _after_a_return(item: ReviewItem, name: str) -> ToDo:
    word = _word(item.item, absent=item.reason_code == MISSING)
    return ToDo(name, remark(item), form_steps.place_of(item.item), word)


def registration_closes(session: PersonSession, platform: Platform, year: int) -> datetime | None:
    """The end of registration in the province; the place of somebody without an application is not known."""
    calendar = calendar_now(session, platform.offices.catalogue.province.code, year)
    window = calendar.window(WindowKind.REGISTRATION, Grade.FIVE)
    return None if window is None else window.closes


def closing_dates(session: PersonSession, application: Application) -> list[Until]:
    """Until when a draft is to be submitted, and its unit has to review it. Source: 2024 notice §3(2)-(3)."""
    if application.state != State.DRAFT:
        return []
    calendar = calendar_now(session, application.local_office_id, application.year)
    grade = Grade(application.grade or Grade.FIVE)
    registration = calendar.window(WindowKind.REGISTRATION, grade)
    late = late_entry_for(session, session.person_id, application.year, session.now)
    unit = calendar.window(WindowKind.UNIT_REVIEW, grade)
    closes = None if registration is None else registration.closes
    if late is not None and (closes is None or closes <= session.now):
        closes = late.closes
    return [
        Until("您提交申报", closes),
        *([] if unit is None else [Until(f"{application.unit_name}审核", unit.closes)]),
    ]


def _word(item: str, *, absent: bool) -> str:
    page = form_steps.step_of(item)
    if page == CHECK:
        return "去确认"
    if page == PAPERS:
        return "去上传"
    return "去填写" if absent else "去改正"
