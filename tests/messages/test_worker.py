"""The outbox in the worker: codes at once, notices with the minute, one office's trouble its own."""

from pathlib import Path

from sqlalchemy import Engine, text

from core import worker
from core.db.database import Databases
from core.documents.storage import DocumentStore
from core.jobs import SEND_MESSAGES
from core.platform import Platform
from core.plugin_api import Delivered, Delivery
from core.settings import Settings
from tests.cases import CITY, KEYS, OTHER_CITY, PAPER_KEYS, RECORD_KEYS, at
from tests.messages.conftest import Post, answers, taken


def platform_of(post: Post, databases: Databases, folder: Path, **settings: object) -> Platform:
    """The platform around the post's offices."""
    assert isinstance(post.engine, Engine)
    return Platform(
        settings=Settings.load(data_dir=folder, **settings),
        databases=databases,
        engine=post.engine,
        offices=post.outlet.offices,
        rules={},
        keys=KEYS,
        record_keys=RECORD_KEYS,
        paper_keys=PAPER_KEYS,
        documents=DocumentStore(folder / "documents"),
        clock=post.clock,
    )


def test_a_worker_sends_what_is_due_at_every_office(open_post: Post, fresh_database: Databases, tmp_path: Path) -> None:
    answers("plain").append(Delivery(Delivered.LATER, "HTTP 503"))
    open_post.tell(CITY)
    open_post.tell(OTHER_CITY)
    worker.run(platform_of(open_post, fresh_database, tmp_path, send_messages=True), once=True)
    assert open_post.states(CITY) == [("failed", 1, "HTTP 503")]
    assert open_post.states(OTHER_CITY) == [("sent", 1, "")]


def test_a_code_enqueues_its_own_sending_with_its_cause(open_post: Post) -> None:
    open_post.tell(OTHER_CITY)
    open_post.send_code(CITY)
    with open_post.system(CITY) as session:
        waiting = session.execute(text("SELECT task_name, args->>'office_id' FROM procrastinate_jobs")).all()
    assert [tuple(job) for job in waiting] == [(SEND_MESSAGES, CITY)]


def test_an_installation_with_the_embedded_database_sends_nothing_unless_told(
    open_post: Post, fresh_database: Databases, tmp_path: Path
) -> None:
    open_post.send_code(CITY)
    platform = platform_of(open_post, fresh_database, tmp_path)
    assert not platform.settings.send_messages
    worker.run(platform, once=True)
    assert taken("plain") == []
    assert [state for state, *_ in open_post.states()] == ["shown"]


def test_a_reminder_is_written_and_sent_in_one_round(
    open_post: Post, fresh_database: Databases, tmp_path: Path
) -> None:
    open_post.clock.set(at(4, 4))
    worker.run(platform_of(open_post, fresh_database, tmp_path, send_messages=True), once=True)
    worker.run(platform_of(open_post, fresh_database, tmp_path, send_messages=True), once=True)
    (sent,) = taken("plain")
    assert "报名即将截止" in sent.text
    assert open_post.states(CITY) == [("sent", 1, "")]
