"""Papers of a plan: ordered, made in parts that can be fetched at once, resumed, and selectable as text."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select

from core.db.base import new_id
from core.db.session import Role
from core.errors import Conflict, Forbidden, NotFound
from core.scheduling.models.invigilation import Invigilation, Invigilator
from core.scheduling.models.plans import Seat
from core.scheduling.models.tickets import PaperJob, PaperPart
from core.scheduling.plans.room_sheets import RoomSheet, room_sheets
from core.scheduling.plans.site_facts import SiteFacts
from core.scheduling.tickets import paper_jobs, photos, service as tickets
from core.scheduling.tickets.paper_jobs import Heading
from core.scheduling.tickets.paper_kinds import KIND_NAMES, OF_A_SITE, PaperKind
from core.scheduling.tickets.pdf import PdfPrinter
from core.scheduling.tickets.service import Ticket
from core.security.signatures import read_code
from core.tenancy.config.exams import TicketsTable
from tests.cases import CITY, KEYS, OTHER_CITY, PAPER_KEYS, YEAR, Case
from tests.reading import codes_of, pages_of
from tests.scheduling.conftest import Exams, admitted, published


@dataclass
class Notebook:
    """A printer that records its input, and fails when told to."""

    seen: list[list[str]] = field(default_factory=list)
    pictures: int = 0
    fails: bool = False
    sites: list[SiteFacts | None] = field(default_factory=list)

    def tickets(self, heading: Heading, entries: Sequence[Ticket], photos: Mapping[UUID, bytes]) -> bytes:
        """The names."""
        self.seen.append([entry.person_name for entry in entries])
        self.pictures += len(photos)
        if self.fails and len(self.seen) > 1:
            raise RuntimeError("paper jam")
        return f"{heading.office_name}:{len(entries)}".encode()

    def rooms(
        self,
        heading: Heading,
        kind: PaperKind,
        entries: Sequence[RoomSheet],
        *,
        site: SiteFacts | None,
        photos: Mapping[UUID, bytes],
    ) -> bytes:
        """The rooms."""
        self.pictures += len(photos)
        self.sites += [site]
        self.seen.append([entry.room_name for entry in entries])
        return f"{heading.year}:{kind}".encode()


def plan_of(exams: Exams, people: int) -> tuple[UUID, list[Case]]:
    first, second = exams.rooms(exams.site())
    sitting, cases = exams.sitting([first.id, second.id]), [admitted(exams) for _ in range(people)]
    plan_id = published(exams, cases, sitting, first)
    with exams.at_work() as session:
        tickets.issue_tickets(session, plan_id, rules=TicketsTable())
    return plan_id, cases


def ask(exams: Exams, plan_id: UUID, kind: PaperKind = PaperKind.TICKETS) -> PaperJob:
    with exams.at_work() as session:
        return paper_jobs.ask_for_papers(session, plan_id, kind)


def make(exams: Exams, job: PaperJob, printer: paper_jobs.Printer) -> None:
    paper_jobs.make_papers(
        partial(exams.season.as_system, CITY), job.id, printer=printer, store=exams.season.store, keys=KEYS
    )


def test_tickets_are_made_in_parts_and_each_is_fetched_and_recorded(
    exams: Exams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_jobs, "TICKETS_IN_A_PART", 2)
    plan_id, cases = plan_of(exams, 3)
    job, printer = ask(exams, plan_id), Notebook()
    make(exams, job, printer)
    assert sorted(name for part in printer.seen for name in part) == sorted(case.person.name for case in cases)
    assert printer.pictures == 3
    with exams.at_work() as session:
        assert session.get_one(PaperJob, job.id).state == "ready"
        parts = paper_jobs.parts_of(session, [job.id])[job.id]
        assert [(part.part, part.first, part.last) for part in parts] == [(1, 1, 2), (2, 3, 3)]
        found, part, content = paper_jobs.fetch_part(session, parts[1].id, keys=KEYS)
        assert (found.id, part.part, content.endswith(b":1")) == (job.id, 2, True)
        assert content not in session.scalars(select(PaperPart.content)).all()


def test_a_job_that_was_broken_off_goes_on_where_it_was(exams: Exams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_jobs, "TICKETS_IN_A_PART", 1)
    plan_id, _ = plan_of(exams, 3)
    job = ask(exams, plan_id)
    with pytest.raises(RuntimeError, match="paper jam"):
        make(exams, job, Notebook(fails=True))
    with exams.season.as_system(CITY) as session:
        paper_jobs.mark_failed(session, job.id)
        assert session.get_one(PaperJob, job.id).done == 1
    printer = Notebook()
    make(exams, job, printer)
    make(exams, job, printer)
    assert [len(part) for part in printer.seen] == [1, 1]
    with exams.at_work() as session:
        parts = paper_jobs.parts_of(session, [job.id])[job.id]
        assert [(part.first, part.last) for part in parts] == [(1, 1), (2, 2), (3, 3)]


def test_papers_are_asked_for_of_published_plans_by_the_office_itself(exams: Exams) -> None:
    plan_id, _ = plan_of(exams, 1)
    with exams.season.as_office(CITY) as session, pytest.raises(Forbidden):
        paper_jobs.ask_for_papers(session, plan_id, PaperKind.TICKETS)
    with exams.at_work(OTHER_CITY) as session, pytest.raises(NotFound):
        paper_jobs.ask_for_papers(session, plan_id, PaperKind.TICKETS)
    with exams.at_work() as session, pytest.raises(Conflict, match="目前没有"):
        paper_jobs.ask_for_papers(session, plan_id, PaperKind.DOOR_LISTS, sitting_id=new_id())
    job = ask(exams, plan_id)
    make(exams, job, Notebook())
    with exams.at_work() as session:
        [part] = paper_jobs.parts_of(session, [job.id])[job.id]
    with exams.at_work(OTHER_CITY, Role.EXAMINER) as session:
        with pytest.raises(NotFound):
            paper_jobs.fetch_part(session, part.id, keys=KEYS)
        assert paper_jobs.jobs_of(session, CITY, YEAR) == []


def test_what_is_asked_for_twice_is_made_once(exams: Exams) -> None:
    plan_id, _ = plan_of(exams, 1)
    first = ask(exams, plan_id)
    assert ask(exams, plan_id).id == first.id
    others = {ask(exams, plan_id, kind).id for kind in (PaperKind.DOOR_LISTS, PaperKind.SEAT_CHARTS)}
    assert len(others | {first.id}) == 3
    make(exams, first, Notebook())
    assert ask(exams, plan_id).id not in others | {first.id}


def test_a_room_sheet_says_who_sits_and_who_watches(exams: Exams) -> None:
    plan_id, cases = plan_of(exams, 2)
    with exams.at_work() as session:
        [sheet] = room_sheets(session, plan_id)
        who = {"year": YEAR, "office_id": CITY, "added_at": session.now, "avoids": [], "unit_name": "测试学校"}
        watcher = Invigilator(id=new_id(), number="001", name="测试乙0001", **who)
        session.add(watcher)
        session.flush()
        room_id = session.scalars(select(Seat.room_id).where(Seat.plan_id == plan_id).limit(1)).one()
        ids = {"plan_id": plan_id, "sitting_id": sheet.sitting_id, "invigilator_id": watcher.id}
        session.add(Invigilation(**ids, office_id=CITY, room_id=room_id, chief=True))
        session.flush()
        [sheet] = room_sheets(session, plan_id, sitting_id=sheet.sitting_id)
    assert [(sitter.seat, sitter.person_name) for sitter in sheet.sitters] == [
        (seat, case.person.name) for seat, case in enumerate(cases, start=1)
    ]
    assert sheet.invigilators == (("测试乙0001", "测试学校"),)


def printed(exams: Exams, plan_id: UUID, kind: PaperKind) -> bytes:
    """The only part of a plan's papers, really printed."""
    job = ask(exams, plan_id, kind)
    make(exams, job, PdfPrinter(PAPER_KEYS, TicketsTable().notes))
    with exams.at_work() as session:
        [part] = paper_jobs.parts_of(session, [job.id])[job.id]
        return paper_jobs.fetch_part(session, part.id, keys=KEYS)[2]


def test_a_real_ticket_says_who_sits_where_and_its_code_says_the_same(exams: Exams) -> None:
    plan_id, _ = plan_of(exams, 2)
    content = printed(exams, plan_id, PaperKind.TICKETS)
    with exams.at_work() as session:
        issued = tickets.tickets(session, plan_id=plan_id)
    read, codes = pages_of(content), codes_of(content)
    assert len(read) == len(codes) == len(issued) == 2
    for ticket in issued:
        [page] = [number for number, text in enumerate(read) if ticket.number in text]
        for told in (
            "准考证",
            ticket.person_name,
            ticket.id_tail,
            "临水测试考点",
            "测试路1号",
            "第一考场",
            "岗位技能",
            "职业道德",
        ):
            assert told in read[page]
        [code] = codes[page]
        seat = f"06220900 K01 第一考场 {ticket.seats[0].seat}"
        assert read_code(code, PAPER_KEYS.public) == ("ticket", ticket.number, ticket.person_name, ticket.id_tail, seat)


NAMED = {
    PaperKind.DOOR_LISTS,
    PaperKind.SEAT_CHARTS,
    PaperKind.DESK_LABELS,
    PaperKind.SIGN_IN_SHEETS,
    PaperKind.PHOTO_SHEETS,
}
"""The papers of a room on which its candidates stand."""


@pytest.mark.parametrize("kind", [kind for kind in PaperKind if kind not in {*OF_A_SITE, PaperKind.TICKETS}])
def test_a_printed_room_list_names_office_and_room_as_searchable_text(exams: Exams, kind: PaperKind) -> None:
    plan_id, cases = plan_of(exams, 2)
    [page] = pages_of(printed(exams, plan_id, kind))
    for told in (KIND_NAMES[kind], "第一考场", "临水测试考点"):
        assert told in page
    named = [case.person.name in page for case in cases]
    assert named == [kind in NAMED] * 2


def test_the_code_of_a_ticket_can_be_checked_with_the_public_key_alone(exams: Exams) -> None:
    plan_id, _ = plan_of(exams, 1)
    with exams.at_work() as session:
        [ticket] = tickets.tickets(session, plan_id=plan_id)
    fields = read_code(PAPER_KEYS.code(*tickets.code_fields(ticket)), PAPER_KEYS.public)
    assert fields == ("ticket", ticket.number, ticket.person_name, ticket.id_tail, "06220900 K01 第一考场 1")


@pytest.mark.parametrize(("kind", "size"), [("JPEG", (2000, 3000)), ("PNG", (90, 120))])
def test_a_photo_is_made_small_and_never_large(kind: str, size: tuple[int, int]) -> None:
    written = io.BytesIO()
    Image.new("RGB", size, "navy").save(written, kind)
    small = photos.shrink(written.getvalue())
    assert small is not None
    width, height = Image.open(io.BytesIO(small)).size
    assert width <= 300
    assert height <= 420


@pytest.mark.parametrize(
    ("size", "least"), [((413, 579), (200, 280)), ((295, 413), (295, 413)), ((3000, 4200), (250, 350))]
)
def test_a_photo_keeps_enough_points_to_be_printed(size: tuple[int, int], least: tuple[int, int]) -> None:
    written = io.BytesIO()
    Image.new("RGB", size, "navy").save(written, "JPEG")
    small = photos.shrink(written.getvalue())
    assert small is not None
    width, height = Image.open(io.BytesIO(small)).size
    assert width >= least[0]
    assert height >= least[1]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\xff\xd8\xff\xe0" + b"x" * 50, b"GIF89a"])
def test_what_is_no_picture_is_left_out(content: bytes) -> None:
    assert photos.shrink(content) is None
