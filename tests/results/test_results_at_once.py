"""Two who act at once: an objection of the last second, and a correction that is granted while a list goes out."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine

from core.applications.rules.document import RuleDocument
from core.db.session import ANONYMOUS, OfficeSession, PublicSession
from core.documents.storage import DocumentStore
from core.errors import Conflict
from core.results.awards import objections, publication
from core.results.corrections.service import Corrected, ask_for_correction, grant_correction
from core.results.marks.service import propose_import
from core.results.models.awards import Publication
from core.results.outcomes.service import work_out
from core.tenancy.offices import Offices
from tests.cases import CITY, KEYS, YEAR, Season, at
from tests.results.awards.awarded import CLOSING, drafted, passed, published
from tests.results.awards.test_publication import SOMEBODY
from tests.results.conftest import Office

GROUNDS = "履历不实（测试）"
A_WHILE = 0.7
"""Seconds after which a transaction that still waits is held up by the other."""


@dataclass
class Two:
    """A season whose acts are committed, and a second connection for acts at the same time."""

    season: Season
    engine: Engine

    @contextmanager
    def supervisor(self) -> Iterator[OfficeSession]:
        """The city's supervisor on another connection."""
        actor = self.season.officer(CITY, "supervisor")
        with OfficeSession(self.engine, actor=actor, now=self.season.now) as session, session.begin():
            yield session

    def close(self, publication_id: UUID) -> Publication:
        """Give the notice of a list."""
        with self.supervisor() as session:
            return publication.close(session, publication_id, notice_number="清河测试〔2024〕18号")

    def object_to(self, publication_id: UUID, now: datetime) -> str:
        """Object to a list at a moment."""
        with PublicSession(self.engine, actor=ANONYMOUS, now=now) as session, session.begin():
            return objections.object_to(
                session, publication_id, grounds=GROUNDS, objector=SOMEBODY, keys=KEYS, position=1
            )

    def publish(self, publication_id: UUID) -> Publication:
        """Put a list out."""
        with self.supervisor() as session:
            return publication.publish(session, publication_id)


@pytest.fixture
def two(linshui_engine: Engine, linshui_offices: tuple[Offices, RuleDocument], tmp_path: Path) -> Iterator[Two]:
    """The invented province in a database of its own, since what one does is to be seen by the other."""
    with linshui_engine.connect() as connection:
        yield Two(Season(connection, *linshui_offices, DocumentStore(tmp_path / "documents")), linshui_engine)


def test_no_objection_falls_between_the_last_second_and_the_notice(two: Two) -> None:
    passed(two.season)
    listed = published(two.season)
    assert listed.ends_at is not None
    late, two.season.now = listed.ends_at - timedelta(seconds=1), CLOSING
    with ThreadPoolExecutor(1) as pool:
        with two.supervisor() as session:
            publication.close(session, listed.id, notice_number="清河测试〔2024〕18号")
            objecting = pool.submit(two.object_to, listed.id, late)
            with pytest.raises(TimeoutError):
                objecting.result(A_WHILE)
        with pytest.raises(Conflict, match="公示期已满"):
            objecting.result(30)


def test_a_notice_waits_for_the_objection_that_is_being_taken_in(two: Two) -> None:
    passed(two.season)
    listed = published(two.season)
    assert listed.ends_at is not None
    late, two.season.now = listed.ends_at - timedelta(seconds=1), CLOSING
    with ThreadPoolExecutor(1) as pool:
        with PublicSession(two.engine, actor=ANONYMOUS, now=late) as session, session.begin():
            objections.object_to(session, listed.id, grounds=GROUNDS, objector=SOMEBODY, keys=KEYS, position=1)
            closing = pool.submit(two.close, listed.id)
            with pytest.raises(TimeoutError):
                closing.result(A_WHILE)
        with pytest.raises(Conflict, match="1件异议未处理"):
            closing.result(30)


def test_no_list_is_published_during_a_correction_below_the_pass(two: Two) -> None:
    season = two.season
    season.now = at(10, 8)
    office = Office(season)
    case = office.candidate()
    office.take_in([[office.reference(case), "80", "70", "60"]])
    with office.at_work() as session:
        work_out(session, year=YEAR, offices=season.offices)
        asked = ask_for_correction(
            session, case.id, "职业能力", Corrected(Decimal(59)), reason="多计", evidence="作答记录"
        ).id
    listed = drafted(season)
    with ThreadPoolExecutor(1) as pool:
        with two.supervisor() as session:
            grant_correction(session, asked, offices=season.offices)
            publishing = pool.submit(two.publish, listed.id)
            with pytest.raises(TimeoutError):
                publishing.result(A_WHILE)
        with pytest.raises(Conflict, match="1人的合格认定"):
            publishing.result(30)


def test_a_table_that_is_handed_in_twice_at_once_is_one_proposal(two: Two) -> None:
    season = two.season
    season.now = at(10, 8)
    office = Office(season)
    table = office.table([[office.reference(office.candidate()), "80", "70", "60"]])
    second = office.examiner("乙")

    def again() -> None:
        with OfficeSession(two.engine, actor=second, now=season.now) as session, session.begin():
            propose_import(session, table, year=YEAR, file_name="成绩.csv", without_names=True)

    with ThreadPoolExecutor(1) as pool:
        with office.at_work("甲") as session:
            assert propose_import(session, table, year=YEAR, file_name="成绩.csv", without_names=True).made is not None
            proposing = pool.submit(again)
            with pytest.raises(TimeoutError):
                proposing.result(A_WHILE)
        with pytest.raises(Conflict, match="测试考评甲导入"):
            proposing.result(30)
