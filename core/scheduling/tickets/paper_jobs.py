"""Papers of a published plan, made in the background: tickets in parts of 500, and the papers of each room.

A part can be fetched as soon as it is made. It is stored encrypted and removed after a week
(``retention.paper_parts``): it can be made again.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, func, select, text, update
from sqlalchemy.orm import defer

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.rows import own_row
from core.db.session import OfficeSession, ScopedSession, SystemSession
from core.documents.models import Document
from core.documents.storage import DocumentStorage
from core.errors import Conflict, Invalid, NotFound
from core.jobs import make_papers_soon
from core.printing.fonts import check_printable
from core.scheduling.access import must_be_on_site
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.tickets import PaperJob, PaperPart
from core.scheduling.plans.room_sheets import RoomSheet, count_rooms, live_seats, room_sheets
from core.scheduling.plans.site_facts import SiteFacts, site_facts
from core.scheduling.tickets.paper_kinds import KIND_NAMES, OF_A_SITE, WITH_PHOTOS, PaperKind, of_room, of_site
from core.scheduling.tickets.photos import photo_papers, printable
from core.scheduling.tickets.service import Ticket, in_force_count, printed_of, tickets, unsound, with_numbers
from core.seasons.models import SeasonTrade
from core.seasons.queries import check_not_ended
from core.security.keys import KeyProvider, Place
from core.tenancy.models import Office

_TOLD = text("SELECT papers_told(:plan, :sitting, :kind, :site)").bindparams(
    *(bindparam(name, type_=Uuid) for name in ("plan", "sitting", "site")), bindparam("kind", type_=Text)
)
_OUTDATED = text(
    """
    SELECT j.id, p.state <> 'published' AS superseded FROM paper_jobs j JOIN plans p ON p.id = j.plan_id
    WHERE j.id = ANY (:jobs)
    AND (p.state <> 'published' OR j.told <> papers_told(j.plan_id, j.sitting_id, j.kind, j.site_id))
    """
).bindparams(bindparam("jobs", type_=ARRAY(Uuid)))
_GONE: Final = "所属编排方案已被替代，请勿使用"
_CHANGED: Final = "生成后座位、考点、考生或监考有变化，请重新生成"

TICKETS_IN_A_PART: Final = 500
ROOMS_IN_A_PART: Final = 40
_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which papers of a plan: of one sitting or of all, of one site or of all."""

    plan_id: UUID
    kind: PaperKind
    sitting_id: UUID | None
    site_id: UUID | None


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading that every paper of a job shares."""

    office_name: str
    year: int
    trades: Mapping[str, str]


class Printer(Protocol):
    """The interface of printers: PDFs with selectable text."""

    def tickets(self, heading: Heading, entries: Sequence[Ticket], photos: Mapping[UUID, bytes]) -> bytes:
        """One page for each ticket."""

    def rooms(
        self,
        heading: Heading,
        kind: PaperKind,
        entries: Sequence[RoomSheet],
        *,
        site: SiteFacts | None,
        photos: Mapping[UUID, bytes],
    ) -> bytes:
        """The papers of a site where one is given, and then those of each room: one or more pages for each."""


def ask_for_papers(
    session: OfficeSession,
    plan_id: UUID,
    kind: PaperKind,
    *,
    sitting_id: UUID | None = None,
    site_id: UUID | None = None,
) -> PaperJob:
    """Order papers of a published plan, of one sitting or of all, of one site or of all.

    Conflict where the plan is not published, nothing would be on the paper, or a name cannot be printed; Invalid for
    papers of a site without a site and a sitting. Tickets cover all sittings and sites. A second order before the
    first part exists returns the same job: thousands of pages are not made twice.
    """
    must_be_on_site(session)
    refusal = NotFound("plan_not_found", "没有找到该编排方案，或者它不属于本机构。")
    plan = own_row(session, Plan, plan_id, refusal)
    check_not_ended(session, plan.year)
    if plan.state != "published":
        raise Conflict("plan_not_published", "编排方案尚未公布或已被取代，不能生成考务资料。")
    if kind in OF_A_SITE and None in {sitting_id, site_id}:
        raise Invalid("site_and_sitting_missing", f"{KIND_NAMES[kind]}按考点和场次生成，请选择考点和场次。", at="kind")
    if kind is PaperKind.TICKETS:
        sitting_id = site_id = None
    wanted = Wanted(plan_id, kind, sitting_id, site_id)
    total = _count(session, wanted)
    if not total:
        raise Conflict("nothing_to_print", f"目前没有可以生成的{KIND_NAMES[kind]}。请先签发准考证、完成编排。")
    if kind is PaperKind.TICKETS:
        _check_tickets_hold(session, plan_id)
    check_printable(printed_of(session, plan_id), what=f"生成{KIND_NAMES[kind]}")
    waiting = _waiting(session, wanted)
    if waiting is not None:
        return waiting
    job = PaperJob(
        id=new_id(),
        office_id=session.office_id,
        year=plan.year,
        plan_id=plan_id,
        sitting_id=sitting_id,
        site_id=site_id,
        kind=kind.value,
        told=_told(session, wanted),
        total=total,
        asked_at=session.now,
        asked_by=session.actor.account_id,
    )
    session.add(job)
    session.flush()
    audit.record_on(session, job, "papers.asked", total=total)
    make_papers_soon(session, job.office_id, job.id)
    return job


def make_papers(
    begin: Callable[[], AbstractContextManager[SystemSession]],
    job_id: UUID,
    *,
    printer: Printer,
    store: DocumentStorage,
    keys: KeyProvider,
) -> None:
    """Make the parts of a job, each committed by itself, so that the first can be fetched while others are made.

    ``begin`` opens a transaction of the system for the job's office. An interrupted job continues where it stopped.
    """
    with begin() as session:
        job = session.get_one(PaperJob, job_id)
        if job.state == "ready":
            return
        heading, kind = heading_of(session, job.office_id, job.year), PaperKind(job.kind)
        made = session.execute(
            select(func.count(), func.coalesce(func.max(PaperPart.last), 0)).where(PaperPart.job_id == job_id)
        ).one()
        job.state = "working"
        if not made[0]:
            job.told = _told(session, Wanted(job.plan_id, kind, job.sitting_id, job.site_id))
    parts, last = int(made[0]), int(made[1])
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool, ThreadPoolExecutor(max_workers=_AT_ONCE) as photo_pool:
        source = _Source(begin, job, heading, kind, printer, store, keys, photo_pool)
        for part, (count, content) in enumerate(_in_order(pool, source.parts(last)), start=parts + 1):
            with begin() as session:
                _keep(session, job, PaperPart(part=part, first=last + 1, last=last + count), content, keys=keys)
            last += count
    with begin() as session:
        done = update(PaperJob).where(PaperJob.id == job_id)
        session.execute(done.values(state="ready", finished_at=session.now))


def mark_failed(session: SystemSession, job_id: UUID) -> None:
    """Mark a job as interrupted; it is retried and then continues."""
    session.execute(update(PaperJob).where(PaperJob.id == job_id).values(state="failed"))


def fetch_part(session: OfficeSession, part_id: UUID, *, keys: KeyProvider) -> tuple[PaperJob, PaperPart, bytes]:
    """A part of the office's papers; the download is recorded. NotFound where it is removed or another office's."""
    refusal = NotFound("paper_gone", "没有找到该资料，可能已超过保留期限。请重新生成。")
    part = own_row(session, PaperPart, part_id, refusal)
    job = session.get_one(PaperJob, part.job_id)
    audit.record_on(session, job, "papers.fetched", part=part.part)
    return job, part, keys.decrypt(part.content, Place("paper_parts", "content", part.id))


def heading_of(session: ScopedSession, office_id: str, year: int) -> Heading:
    """The heading of an office's papers."""
    trades = session.execute(select(SeasonTrade.trade, SeasonTrade.name).where(SeasonTrade.year == year))
    return Heading(session.get_one(Office, office_id).name, year, dict(trades.all()))


def jobs_of(
    session: ScopedSession, office_id: str, year: int, *, at: tuple[UUID, UUID] | None = None, limit: int = 30
) -> Sequence[PaperJob]:
    """The office's latest jobs, the newest first; with ``at`` those of one site and sitting alone."""
    wanted = select(PaperJob).where(PaperJob.office_id == office_id, PaperJob.year == year)
    if at is not None:
        wanted = wanted.where(PaperJob.site_id == at[0], PaperJob.sitting_id == at[1])
    return session.scalars(wanted.order_by(PaperJob.asked_at.desc(), PaperJob.id.desc()).limit(limit)).all()


def outdated(session: ScopedSession, job_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The papers among these that must not be used any more, each with the reason in words."""
    rows = session.execute(_OUTDATED, {"jobs": list(job_ids)})
    return {row.id: _GONE if row.superseded else _CHANGED for row in rows}


def parts_of(session: ScopedSession, job_ids: Sequence[UUID]) -> dict[UUID, list[PaperPart]]:
    """The existing parts of jobs, without their content."""
    wanted = select(PaperPart).options(defer(PaperPart.content, raiseload=True)).where(PaperPart.job_id.in_(job_ids))
    found: dict[UUID, list[PaperPart]] = {job_id: [] for job_id in job_ids}
    for part in session.scalars(wanted.order_by(PaperPart.part)):
        found[part.job_id].append(part)
    return found


@dataclass(frozen=True)
class _Source:
    """The source of a job's parts."""

    begin: Callable[[], AbstractContextManager[SystemSession]]
    job: PaperJob
    heading: Heading
    kind: PaperKind
    printer: Printer
    store: DocumentStorage
    keys: KeyProvider
    photo_pool: Executor

    def parts(self, skip: int) -> Iterator[Callable[[], tuple[int, bytes]]]:
        """The work for each part to come, read in a short transaction; ``skip`` entries are already on paper."""
        return self._tickets(skip) if self.kind is PaperKind.TICKETS else self._rooms(skip)

    def _tickets(self, skip: int) -> Iterator[Callable[[], tuple[int, bytes]]]:
        after = ""
        while True:
            with self.begin() as session:
                entries = tickets(
                    session, plan_id=self.job.plan_id, after=after, limit=TICKETS_IN_A_PART + (0 if after else skip)
                )
                fresh = entries[0 if after else skip :]
                wrong = unsound(session, [entry.application_id for entry in fresh])
                sound = [entry for entry in fresh if entry.application_id not in wrong]
                photos = photo_papers(session, [entry.application_id for entry in sound])
                sound = with_numbers(session, sound, keys=self.keys)
            if not fresh:
                return
            after = fresh[-1].number
            yield partial(self._print_tickets, len(fresh), sound, photos)

    def _print_tickets(self, count: int, entries: Sequence[Ticket], papers: Sequence[Document]) -> tuple[int, bytes]:
        """Tickets that changed since the papers were asked for are counted and left out."""
        photos = printable(papers, store=self.store, keys=self.keys, executor=self.photo_pool)
        return count, self.printer.tickets(self.heading, entries, photos)

    def _print_rooms(
        self, count: int, sheets: Sequence[RoomSheet], site: SiteFacts | None, papers: Sequence[Document]
    ) -> tuple[int, bytes]:
        photos = printable(papers, store=self.store, keys=self.keys, executor=self.photo_pool)
        return count, self.printer.rooms(self.heading, self.kind, sheets, site=site, photos=photos)

    def _rooms(self, skip: int) -> Iterator[Callable[[], tuple[int, bytes]]]:
        """Rooms, until they have so many people that their pictures fill a part; a room is never parted."""
        job, at_once = self.job, ROOMS_IN_A_PART if of_room(self.kind) else None
        while True:
            with self.begin() as session:
                sheets = room_sheets(
                    session, job.plan_id, sitting_id=job.sitting_id, site_id=job.site_id, skip=skip, limit=at_once
                )
                sheets = _bounded(sheets) if self.kind in WITH_PHOTOS else sheets
                people = [who for sheet in sheets for sitter in sheet.sitters if (who := sitter.application_id)]
                photos = photo_papers(session, people) if self.kind in WITH_PHOTOS else []
                site = None if skip else self._site(session)
            if not sheets:
                return
            skip += len(sheets)
            yield partial(self._print_rooms, len(sheets), sheets if of_room(self.kind) else (), site, photos)

    def _site(self, session: SystemSession) -> SiteFacts | None:
        job = self.job
        if not of_site(self.kind) or job.sitting_id is None or job.site_id is None:
            return None
        return site_facts(session, job.plan_id, job.sitting_id, job.site_id)


def _bounded(sheets: Sequence[RoomSheet]) -> list[RoomSheet]:
    """The first of these rooms, as many as have no more people than photos fit in a part; one at least."""
    found: list[RoomSheet] = []
    people = 0
    for sheet in sheets:
        people += len(sheet.sitters)
        if found and people > TICKETS_IN_A_PART:
            break
        found.append(sheet)
    return found


def _in_order(pool: Executor, work: Iterator[Callable[[], tuple[int, bytes]]]) -> Iterator[tuple[int, bytes]]:
    """The results of the work, in its order: the first piece alone, so that it is ready soon, then two at a time."""
    waiting: deque[Future[tuple[int, bytes]]] = deque()
    at_once = 1
    for piece in work:
        waiting.append(pool.submit(piece))
        if len(waiting) >= at_once:
            yield waiting.popleft().result()
            at_once = _AT_ONCE
    while waiting:
        yield waiting.popleft().result()


def _keep(session: SystemSession, job: PaperJob, part: PaperPart, content: bytes, *, keys: KeyProvider) -> None:
    part.id, part.office_id, part.job_id, part.made_at = new_id(), job.office_id, job.id, session.now
    part.size, part.content = len(content), keys.encrypt(content, Place("paper_parts", "content", part.id))
    session.add(part)
    session.flush()
    session.execute(update(PaperJob).where(PaperJob.id == job.id).values(done=part.last))


def _waiting(session: OfficeSession, wanted: Wanted) -> PaperJob | None:
    """The job for the same papers without any part yet; simultaneous orders wait for each other."""
    one_at_a_time(session, f"papers/{wanted.plan_id}/{wanted.kind}/{wanted.sitting_id}/{wanted.site_id}")
    same = (
        PaperJob.plan_id == wanted.plan_id,
        PaperJob.kind == wanted.kind.value,
        PaperJob.sitting_id.is_not_distinct_from(wanted.sitting_id),
        PaperJob.site_id.is_not_distinct_from(wanted.site_id),
    )
    return session.scalar(select(PaperJob).where(*same, PaperJob.state == "waiting").limit(1))


def _check_tickets_hold(session: OfficeSession, plan_id: UUID) -> None:
    seated = select(Seat.application_id).where(Seat.plan_id == plan_id, live_seats()).distinct()
    if wrong := unsound(session, session.scalars(seated).all()):
        raise Conflict(
            "tickets_outdated",
            f"有{len(wrong)}名考生的准考证与现在的安排不一致，或者考场已不能使用。请先重新编排、签发准考证，再生成资料。",
        )


def _told(session: ScopedSession, wanted: Wanted) -> str:
    asked = {"plan": wanted.plan_id, "sitting": wanted.sitting_id, "site": wanted.site_id, "kind": wanted.kind.value}
    told: str = session.scalar(_TOLD, asked)
    return told


def _count(session: ScopedSession, wanted: Wanted) -> int:
    if wanted.kind is PaperKind.TICKETS:
        return in_force_count(session, wanted.plan_id)
    return count_rooms(session, wanted.plan_id, wanted.sitting_id, wanted.site_id)
