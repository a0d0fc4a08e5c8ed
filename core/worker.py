"""The worker's composition root: the background tasks, their retries and their times.

Each job opens its own sessions, as the system working for one office, and no transaction is open while a plugin runs.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from uuid import UUID

import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Status
from sqlalchemy.exc import SQLAlchemyError

from core import jobs
from core.applications.counting import add_up
from core.applications.models import Move
from core.audit.heads import write_missing_days
from core.audit.models import RecordEntry
from core.audit.sealing import Sealer
from core.db.database import libpq_url
from core.db.session import ANONYMOUS, Actor, AuditorSession, OfficeSession, SignInSession, SystemSession, system_actor
from core.delegation.service import due_work
from core.documents.scanning import scan_waiting
from core.errors import PluginError
from core.hooks.calls import Told
from core.identity.contacts import addresses_of
from core.identity.roles import actor_of
from core.identity.sign_in.rate_limits import forget_whole
from core.messages.delivery import Outlet, send_due
from core.messages.outbox import offices_with_work
from core.messages.smtp import SmtpServer
from core.organizations.unit_acts import carry_out_due as carry_out_acts
from core.oversight.models import Filing
from core.oversight.reminders import remind_office
from core.pages.oversight.archive_job import make_package
from core.pages.table_job import export_table
from core.platform import Platform
from core.plugin_api import FilingKind, FilingMoveView, MoveView, OfficeCode, OfficeLevel
from core.responsibility.reminders import remind_of_duties
from core.results.reminders import remind_of_answers
from core.retention import retention_of
from core.reviews.appeals.service import remind_of_appeals
from core.reviews.assignment.service import distribute
from core.reviews.due import carry_out_due
from core.reviews.lists.runs import decide_run, run_of, stop
from core.reviews.onsite_day.counter import remind_of_originals
from core.reviews.reminders import remind_applicants
from core.sanctions.reminders import remind_of_sanctions, remind_of_suspensions
from core.scheduling.emergencies.watch import watch_every_office
from core.scheduling.exam_day.door_lists import close_overdue, remind_of_door_lists
from core.scheduling.plans.service import work_off
from core.scheduling.tickets.paper_jobs import make_papers, mark_failed
from core.scheduling.tickets.pdf import PdfPrinter
from core.tenancy.failures import record_failure
from core.tenancy.file_changes import note_configuration

CARRY_OUT_DUE = "carry_out_due"
WATCH_EXAM_DAY = "watch_exam_day"
REMIND = "remind"
REMIND_ALL = "remind_all"
EVERY_MINUTE = "every_minute"
CLEAR_AWAY = "clear_away"
EXPORT_HEADS = "export_heads"

RETRIES = RetryStrategy(max_attempts=8, exponential_wait=4)
"""A plugin that fails is told again after 4 seconds, 16, 64 and so on, for about a day."""

SOON = RetryStrategy(max_attempts=6, exponential_wait=3)
"""What failed with the database or the disk is tried again after 3 seconds, 9, 27 and so on, for about six minutes."""

ASKED_FOR_EVERY_MINUTE = frozenset({EVERY_MINUTE, CARRY_OUT_DUE, WATCH_EXAM_DAY, jobs.SEND_MESSAGES})
"""A failed job of these tasks is enqueued again by the next minute. Every other task is retried."""

_KEPT_HOURS, _AT_ONCE = 30 * 24, 2
_SECONDS_BETWEEN_SEALS = _SECONDS_UNTIL_RESTART = 1.0

log = structlog.get_logger(__name__)


def create_worker(platform: Platform) -> App:
    """Every task of an open platform; the queue knows the tasks by their names."""
    url = libpq_url(platform.databases.app_url)
    app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=_AT_ONCE + 2))
    work = _Work(platform)
    app.task(name=jobs.TELL_PLUGIN, retry=RETRIES)(work.tell_plugin)
    app.task(name=CARRY_OUT_DUE)(work.carry_out_due)
    app.task(name=jobs.SEND_MESSAGES)(work.send_messages)
    app.task(name=jobs.MAKE_PACKAGE, retry=SOON)(partial(make_package, platform))
    app.task(name=jobs.MAKE_PAPERS, retry=RETRIES)(work.make_papers)
    app.task(name=jobs.DRAW_PLAN, retry=SOON)(work.draw_plan)
    app.task(name=jobs.DECIDE_MANY, retry=RETRIES)(work.decide_many)
    app.task(name=jobs.EXPORT_TABLE, retry=RETRIES)(partial(export_table, platform))
    app.task(name=REMIND, retry=SOON)(work.remind)
    by_day = app.task(name=REMIND_ALL, queueing_lock=REMIND_ALL, retry=SOON, pass_context=True)(work.remind_all)
    app.periodic(cron="12 8-20 * * *")(by_day)
    minutely = app.task(name=EVERY_MINUTE, queueing_lock=EVERY_MINUTE, pass_context=True)(work.every_minute)
    app.periodic(cron="* * * * *")(minutely)
    app.periodic(cron="* * * * *")(app.task(name=WATCH_EXAM_DAY, queueing_lock=WATCH_EXAM_DAY)(work.watch_exam_day))
    nightly = app.task(name=CLEAR_AWAY, queueing_lock=CLEAR_AWAY, retry=SOON, pass_context=True)(work.clear_away)
    app.periodic(cron="17 3 * * *")(nightly)
    hourly = app.task(name=EXPORT_HEADS, queueing_lock=EXPORT_HEADS, retry=RETRIES)(work.export_heads)
    app.periodic(cron="7 * * * *")(hourly)
    return app


def run(platform: Platform, *, once: bool = False) -> None:
    """Work until SIGINT or SIGTERM; with ``once``, do the due and the waiting work, and return."""
    asyncio.run(_run(platform, once=once, signals=True))


@contextlib.contextmanager
def run_in_background(platform: Platform) -> Iterator[None]:
    """Work in a thread of this process for the duration of the block; its end waits for the running jobs."""
    loop = asyncio.new_event_loop()
    working = loop.create_task(_keep_working(platform))
    thread = threading.Thread(target=_until_cancelled, args=(loop, working), name="kaowu worker")
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(working.cancel)
        thread.join()
        loop.close()


def _until_cancelled(loop: asyncio.AbstractEventLoop, working: asyncio.Task[None]) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        loop.run_until_complete(working)


async def _keep_working(platform: Platform) -> None:
    """Work until cancelled. After a loss of the database the worker starts again until the database is back."""
    while True:
        try:
            await _run(platform, once=False, signals=False)
        except Exception as error:
            log.error("worker_stopped", exc_info=error)
        await asyncio.sleep(_SECONDS_UNTIL_RESTART)


async def _run(platform: Platform, *, once: bool, signals: bool) -> None:
    app = create_worker(platform)
    await asyncio.to_thread(note_configuration, platform.engine, platform.offices.catalogue, now=platform.clock())
    async with app.open_async(), _sealing(platform):
        if once:
            await _take_up_stalled(app)
            with contextlib.suppress(AlreadyEnqueued):
                await app.configure_task(WATCH_EXAM_DAY).defer_async(timestamp=0)
            await _enqueue_due(app, platform)
            await _enqueue_due(app, platform, REMIND)
        # Due acts make moves, of which plugins and people are told: the second round does that.
        for _ in range(2 if once else 1):
            if once:
                await _enqueue_messages(app, platform)
            await app.run_worker_async(
                wait=not once, concurrency=_AT_ONCE, delete_jobs="successful", install_signal_handlers=signals
            )


@contextlib.asynccontextmanager
async def _sealing(platform: Platform) -> AsyncIterator[None]:
    """Seal the record every second for the duration of the block, and the rest at its end.

    A loop instead of jobs: a job a second would write more rows into the queue than most seconds have entries.
    """
    sealer = Sealer(
        platform.engine, platform.record_keys, clock=platform.clock, province=platform.offices.catalogue.province.code
    )
    leaving = asyncio.Event()
    loop = asyncio.create_task(_seal_until(leaving, sealer))
    try:
        yield
    finally:
        leaving.set()
        await loop


async def _seal_until(leaving: asyncio.Event, sealer: Sealer) -> None:
    while not leaving.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(leaving.wait(), _SECONDS_BETWEEN_SEALS)
        try:
            await asyncio.to_thread(sealer.seal)
        except SQLAlchemyError as error:
            log.error("record_not_sealed", exc_info=error)


async def _take_up_stalled(app: App) -> None:
    """Retry the jobs that a worker left unfinished when it died."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs():
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            # The next job of its kind waits already and will do its work.
            await manager.finish_job(job, status=Status.FAILED, delete_job=True)


async def _enqueue_due(app: App, platform: Platform, task: str = CARRY_OUT_DUE) -> None:
    """Enqueue a job for each office that owns cases, unless one still waits or runs."""
    for office in platform.offices.catalogue.offices():
        # A county owns no case and delegates none: its due acts are due at its city.
        if office.level is OfficeLevel.COUNTY:
            continue
        lock = f"{task}:{office.code}"
        with contextlib.suppress(AlreadyEnqueued):
            job = app.configure_task(task, lock=lock, queueing_lock=lock)
            await job.defer_async(office_id=str(office.code))


async def _enqueue_messages(app: App, platform: Platform) -> None:
    """Enqueue a job for each office whose outbox has work, unless one still waits."""
    for office_id in await asyncio.to_thread(_offices_with_messages, platform):
        with contextlib.suppress(AlreadyEnqueued):
            job = app.configure_task(jobs.SEND_MESSAGES, queueing_lock=f"{jobs.SEND_MESSAGES}:{office_id}")
            await job.defer_async(office_id=office_id)


def _offices_with_messages(platform: Platform) -> list[str]:
    with _system(platform, platform.offices.catalogue.province.code) as session:
        return offices_with_work(session)


def _outlet(platform: Platform) -> Outlet:
    settings = platform.settings
    smtp = None
    if settings.smtp_host is not None and settings.smtp_sender is not None:
        smtp = SmtpServer(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_sender,
            settings.smtp_security,
            settings.smtp_user,
            None if settings.smtp_password is None else settings.smtp_password.get_secret_value(),
        )
    addresses = partial(addresses_of, keys=platform.keys)
    return Outlet(platform.offices, platform.keys, addresses, smtp, sends=settings.send_messages)


@contextlib.contextmanager
def _system(platform: Platform, office_id: str) -> Iterator[SystemSession]:
    """The system at work for an office, in one transaction."""
    actor = system_actor(OfficeCode(office_id))
    with SystemSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
        yield session


@contextlib.contextmanager
def _as_officer(platform: Platform, officer: Actor) -> Iterator[OfficeSession]:
    """An officer at work in the background, in one transaction."""
    with OfficeSession(platform.engine, actor=officer, now=platform.clock()) as session, session.begin():
        yield session


class _Work:
    """The tasks of one platform. The arguments of a job are ids, as text, since the queue keeps JSON."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._outlet = _outlet(platform)

    def tell_plugin(
        self, *, hook: jobs.NotifyHook, plugin: str | None, office_id: str, owner_id: str, subject_id: str
    ) -> None:
        """Tell one plugin of a move. Its failure is kept; the job fails as well and is retried."""
        try:
            hooks_of = self._platform.offices.hooks
            hooks = hooks_of(office_id)
            subject = UUID(subject_id)
            if plugin is None:
                # The office's plugins were faulty at the move; they are sound now.
                with self._system(owner_id) as session:
                    jobs.tell_plugins(
                        session, hooks_of, hook, office_id=office_id, owner_id=owner_id, subject_id=subject
                    )
                return
            told: tuple[Told, ...]
            if hook == "application_moved":
                told = hooks.application_moved(self._move(owner_id, subject), only={plugin})
            else:
                told = hooks.filing_moved(self._filing_move(owner_id, subject), only={plugin})
            for answer in told:
                if answer.reason is not None:
                    raise PluginError(office_id, answer.plugin, hook, answer.reason)
        except PluginError as error:
            self._record_failure(error)
            raise

    def carry_out_due(self, *, office_id: str) -> None:
        """All due acts of one office, in one transaction; then its assignments, and files that wait for a scanner."""
        offices = self._platform.offices
        with self._system(office_id) as session:
            carry_out_acts(session)
            due_work(session)
            for year in offices.catalogue.seasons():
                carry_out_due(session, year=year, offices=offices)
                close_overdue(session, year)
        for office in offices.catalogue.offices():
            # A county divides its cases as well, and has no job of its own.
            if offices.catalogue.city_of(office.code) == office_id:
                with self._system(office.code) as session:
                    for year in offices.catalogue.seasons():
                        distribute(session, year)
        scan_waiting(self._system, office_id, offices=offices, store=self._platform.documents, keys=self._platform.keys)

    def watch_exam_day(self, timestamp: int) -> None:  # noqa: ARG002 - Procrastinate's
        """Raise the alarms of the exam day: a job by itself, so that nothing else holds an alarm up."""
        watch_every_office(self._system, self._platform.offices)

    def send_messages(self, *, office_id: str) -> None:
        """Send the due messages of one office's outbox; each step in a transaction of its own."""
        send_due(office_id, begin=lambda: self._system(office_id), outlet=self._outlet)

    def decide_many(self, *, office_id: str, run_id: str) -> None:
        """Decide the cases of a run as the officer who asked for it; a retry continues after the last part."""
        platform, run = self._platform, UUID(run_id)
        officer = self._officer_of(office_id, run)
        if officer is None:
            with self._system(office_id) as session:
                stop(session, run, "办理人员已不在本机构任职，其余申请没有办理。")
            return
        decide_run(partial(_as_officer, platform, officer), run, offices=platform.offices)

    def _officer_of(self, office_id: str, run_id: UUID) -> Actor | None:
        """The officer who asked for a run, in the role in which it was asked for; None where the role has ended."""
        with self._system(office_id) as session:
            run = run_of(session, run_id)
        anybody = SignInSession(self._platform.engine, actor=ANONYMOUS, now=self._platform.clock())
        with anybody as asking, asking.begin():
            return actor_of(asking, run.account_id, run.grant_id)

    def make_papers(self, *, office_id: str, job_id: str) -> None:
        """Make the PDFs of a plan's papers, part by part; a retry continues after the last part."""
        platform = self._platform
        config = platform.offices.config(office_id)
        notes, telephone = config.tickets.notes, config.office.contact.telephone or ""
        begin = partial(self._system, office_id)
        try:
            make_papers(
                begin,
                UUID(job_id),
                printer=PdfPrinter(platform.paper_keys, notes, telephone),
                store=platform.documents,
                keys=platform.keys,
            )
        except Exception:
            with begin() as session:
                mark_failed(session, UUID(job_id))
            raise

    def draw_plan(self, *, office_id: str, plan_id: str) -> None:
        """Draw up one seating plan of an office, each step in a transaction of its own."""
        work_off(lambda: self._system(office_id), UUID(plan_id), offices=self._platform.offices)

    def remind(self, *, office_id: str) -> None:
        """Remind the people whom one office's deadlines concern, applicants first: the plugins of filings may fail."""
        offices = self._platform.offices
        reminders = (
            *(remind_applicants, remind_of_answers, remind_of_sanctions, remind_of_suspensions, remind_of_appeals),
            *(remind_of_duties, remind_office),
        )
        with self._system(office_id) as session:
            remind_of_originals(session)
        for year in offices.catalogue.seasons():
            with self._system(office_id) as session:
                remind_of_door_lists(session, year)
            for remind in reminders:
                with self._system(office_id) as session:
                    remind(session, year=year, offices=offices)

    async def remind_all(self, context: JobContext, timestamp: int) -> None:  # noqa: ARG002 - Procrastinate's
        """Enqueue reminders every hour of the day, so that a worker that was down in the morning still reminds."""
        await _enqueue_due(context.app, self._platform, REMIND)

    async def every_minute(self, context: JobContext, timestamp: int) -> None:  # noqa: ARG002 - Procrastinate's
        """Retry the jobs of dead workers, and enqueue the work that may be due, office by office."""
        await _take_up_stalled(context.app)
        await asyncio.to_thread(self._add_up)
        await _enqueue_due(context.app, self._platform)
        await _enqueue_messages(context.app, self._platform)

    async def clear_away(self, context: JobContext, timestamp: int) -> None:  # noqa: ARG002 - Procrastinate's
        """Delete full rate limits and failed jobs older than a month, and erase personal data past its retention."""
        await asyncio.to_thread(forget_whole, self._platform.engine, self._platform.clock())
        await context.app.job_manager.delete_old_jobs(nb_hours=_KEPT_HOURS, include_failed=True)
        await asyncio.to_thread(retention_of(self._platform).run)

    def export_heads(self, timestamp: int) -> None:  # noqa: ARG002 - Procrastinate's
        """Write the record's heads of past days; asked every hour, so that no day is missing for long."""
        actor = system_actor(self._platform.offices.catalogue.province.code)
        with AuditorSession(self._platform.engine, actor=actor, now=self._platform.clock()) as session:
            written = list(write_missing_days(session, self._platform.settings.heads_dir))
        if written:
            log.info("heads_exported", count=len(written))

    def _add_up(self) -> None:
        with self._system(self._platform.offices.catalogue.province.code) as session:
            add_up(session)

    def _move(self, owner_id: str, move_id: UUID) -> MoveView:
        with self._system(owner_id) as session:
            made = session.get_one(Move, move_id)
            return MoveView(
                move_id=str(made.id),
                application_id=str(made.application_id),
                office=OfficeCode(owner_id),
                action=made.action,
                from_state=made.from_state,
                to_state=made.to_state,
                at=made.at,
            )

    def _filing_move(self, owner_id: str, entry_id: UUID) -> FilingMoveView:
        """A filing at the time of its move, from the record: its present state may be another."""
        with self._system(owner_id) as session:
            entry = session.get_one(RecordEntry, entry_id)
            filed = session.get_one(Filing, UUID(entry.subject_id))
            state = entry.kind.removeprefix("filing.")
            return FilingMoveView(
                move_id=str(entry.id),
                filing_id=str(filed.id),
                office=OfficeCode(filed.office_id),
                kind=FilingKind(filed.kind),
                version=filed.version,
                action={"filed": "file", "received": "receive", "returned": "return"}[state],
                from_state="" if state == "filed" else "filed",
                to_state=state,
                at=entry.at,
            )

    def _record_failure(self, error: PluginError) -> None:
        with self._system(error.office) as session:
            record_failure(session, error)

    def _system(self, office_id: str) -> contextlib.AbstractContextManager[SystemSession]:
        return _system(self._platform, office_id)
