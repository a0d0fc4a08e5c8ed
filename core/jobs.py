"""The queue of jobs (Procrastinate): work after a commit is enqueued here, in the transaction of its cause.

A job vanishes with a rollback. Its arguments are ids only; their rows are read when the job runs (``core.worker``).
"""

from collections.abc import Callable, Sequence
from typing import Literal
from uuid import UUID

from procrastinate import App, SyncPsycopgConnector
from procrastinate.types import JSONDict

from core.db.session import ScopedSession
from core.errors import KaowuError
from core.hooks.office_hooks import OfficeHooks

TELL_PLUGIN = "tell_plugin"
"""The task that tells one plugin of one office of one move."""

SEND_MESSAGES = "send_messages"
"""The task that sends the due messages in the outbox of one office."""

MAKE_PACKAGE = "make_package"
"""The task that makes one package for the archive of one office."""

MAKE_PAPERS = "make_papers"
"""The task that puts a plan's papers into PDFs."""

DRAW_PLAN = "draw_plan"
"""The task that draws up one seating plan of one office."""

DECIDE_MANY = "decide_many"
"""The task that decides the cases of one run of the desk."""

EXPORT_TABLE = "export_table"
"""The task that writes one large table which somebody has ordered."""

NotifyHook = Literal["application_moved", "filing_moved"]

# Never opened: it enqueues over the sessions' own connections and has none of its own.
_ENQUEUER = App(connector=SyncPsycopgConnector())


def tell_plugins(
    session: ScopedSession,
    hooks_of: Callable[[str], OfficeHooks],
    hook: NotifyHook,
    *,
    office_id: str,
    owner_id: str,
    subject_id: UUID,
) -> None:
    """Enqueue, in the session's transaction, a job for each plugin of ``office_id`` that implements ``hook``.

    ``owner_id`` is the office that may read the subject: a move of an application, or the record's entry of a filing's.
    For an office whose plugins are faulty now, the job asks again until they are sound.
    """
    plugins: Sequence[str | None]
    try:
        plugins = hooks_of(office_id).who_answers()[hook]
    except KaowuError:
        plugins = (None,)
    given: list[JSONDict] = [
        {"hook": hook, "plugin": plugin, "office_id": office_id, "owner_id": owner_id, "subject_id": str(subject_id)}
        for plugin in plugins
    ]
    if given:
        connection = session.connection().connection.driver_connection
        _ENQUEUER.configure_task(TELL_PLUGIN, connection=connection).batch_defer(*given)


def send_soon(session: ScopedSession, office_id: str) -> None:
    """Enqueue, in the session's transaction, the sending of the office's outbox, before the next full minute."""
    connection = session.connection().connection.driver_connection
    _ENQUEUER.configure_task(SEND_MESSAGES, connection=connection).defer(office_id=office_id)


def make_package_soon(session: ScopedSession, office_id: str, package_id: UUID) -> None:
    """Enqueue, in the session's transaction, the making of a package for the archive."""
    connection = session.connection().connection.driver_connection
    _ENQUEUER.configure_task(MAKE_PACKAGE, connection=connection).defer(office_id=office_id, package_id=str(package_id))


def make_papers_soon(session: ScopedSession, office_id: str, job_id: UUID) -> None:
    """Enqueue, in the session's transaction, the making of papers that an office asked for."""
    connection = session.connection().connection.driver_connection
    task = _ENQUEUER.configure_task(MAKE_PAPERS, connection=connection, lock=f"{MAKE_PAPERS}:{job_id}")
    task.defer(office_id=office_id, job_id=str(job_id))


def draw_plan_soon(session: ScopedSession, office_id: str, plan_id: UUID) -> None:
    """Enqueue, in the session's transaction, the drawing up of a plan; one office's plans are drawn one by one."""
    connection = session.connection().connection.driver_connection
    task = _ENQUEUER.configure_task(DRAW_PLAN, connection=connection, lock=f"{DRAW_PLAN}:{office_id}")
    task.defer(office_id=office_id, plan_id=str(plan_id))


def decide_many_soon(session: ScopedSession, office_id: str, run_id: UUID) -> None:
    """Enqueue, in the session's transaction, the decisions of a run; one office's runs are worked off one by one."""
    connection = session.connection().connection.driver_connection
    task = _ENQUEUER.configure_task(DECIDE_MANY, connection=connection, lock=f"{DECIDE_MANY}:{office_id}")
    task.defer(office_id=office_id, run_id=str(run_id))


def export_table_soon(session: ScopedSession, office_id: str, export_id: UUID) -> None:
    """Enqueue, in the session's transaction, the writing of a large table; one office's are written one by one."""
    connection = session.connection().connection.driver_connection
    task = _ENQUEUER.configure_task(EXPORT_TABLE, connection=connection, lock=f"{EXPORT_TABLE}:{office_id}")
    task.defer(office_id=office_id, export_id=str(export_id))
