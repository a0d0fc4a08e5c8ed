"""What load balancers and monitoring ask: alive, ready and if not why, and the figures."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Connection, create_engine, text

from core.clock import system_clock
from core.db import present_sql
from core.db.clock_skew import clock_skew
from core.platform import Platform
from core.security.keys import KeyProvider, Place
from core.settings import Settings
from core.web import health
from core.web.health import find_faults
from tests.callers import API, Web
from tests.serving import client_of

TOKEN = "a monitoring token"
ASKED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def watched(web: Web) -> Iterator[Platform]:
    """The platform with a monitoring token, and a worker that gives signs of life during the test."""
    settings = Settings.load(data_dir=web.platform.settings.data_dir, monitoring_token=TOKEN, largest_clock_skew=5)
    with web.platform.engine.begin() as connection:
        connection.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    yield dataclasses.replace(web.platform, settings=settings)
    with web.platform.engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_workers"))


@pytest.fixture
def client(watched: Platform) -> Iterator[TestClient[Litestar]]:
    with client_of(watched) as one:
        yield one


class _NoKeys:
    """What is left of a provider whose hardware is gone."""

    def encrypt(self, value: bytes, place: Place) -> bytes:  # noqa: ARG002 - the provider's own
        raise OSError("no such device")

    def decrypt(self, sealed: bytes, place: Place) -> bytes:  # noqa: ARG002 - the provider's own
        raise OSError("no such device")

    def lookup_hash(self, value: str) -> bytes:  # noqa: ARG002 - the provider's own
        raise OSError("no such device")


def test_a_process_that_answers_is_alive(web: Web) -> None:
    assert web.client.get("/healthz").json() == {"alive": True}


def test_all_is_well(client: TestClient[Litestar]) -> None:
    answer = client.get("/readyz", headers=ASKED)
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "faults": {}})


def test_without_a_worker_it_is_not_ready_and_only_the_operator_learns_why(
    watched: Platform, client: TestClient[Litestar]
) -> None:
    with watched.engine.begin() as connection:
        connection.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '5 minutes'"))
    theirs, anybodys = client.get("/readyz", headers=ASKED), client.get("/readyz")
    assert (anybodys.status_code, anybodys.json()) == (503, {"ready": False})
    assert theirs.status_code == 503
    assert list(theirs.json()["faults"]) == ["worker"]
    assert "300 s" in theirs.json()["faults"]["worker"]
    with watched.engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_workers"))
    assert find_faults(watched) == {"worker": "none is running: kaowu serve, or kaowu worker"}


def test_who_asks_often_costs_one_look(watched: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    time = iter([0.0, 0.0, 0.4, 1.1, 1.1])
    monkeypatch.setattr(health, "monotonic", lambda: next(time))
    monkeypatch.setattr(health, "find_faults", lambda _: looks.append(1.0) or {"look": str(len(looks))})
    last = health.LastLook()
    assert [last.faults(watched) for _ in range(3)] == [{"look": "1"}, {"look": "1"}, {"look": "2"}]


def test_a_clock_that_is_wrong_is_noticed(connection: Connection) -> None:
    assert abs(clock_skew(connection, system_clock)) < 5
    assert 95 < clock_skew(connection, lambda: system_clock() - timedelta(seconds=100)) < 105


def test_a_clock_that_is_further_off_than_allowed_is_a_fault(watched: Platform) -> None:
    settings = Settings.load(data_dir=watched.settings.data_dir, largest_clock_skew=1e-9)
    assert list(find_faults(dataclasses.replace(watched, settings=settings))) == ["clock"]


def test_a_schema_of_another_version_is_a_fault(watched: Platform) -> None:
    owner = create_engine(watched.databases.owner_url)
    with owner.begin() as connection:
        newest = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        assert find_faults(watched)["schema"].startswith("is at 0001, this version expects")
    finally:
        with owner.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :n"), {"n": newest})
        owner.dispose()


def test_policies_of_another_version_are_a_fault(watched: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(present_sql, "digest", lambda: "that of another version")
    assert find_faults(watched) == {"schema": "has functions or policies of another version"}


def test_keys_that_do_not_work_are_a_fault(watched: Platform) -> None:
    keys: KeyProvider = _NoKeys()
    assert find_faults(dataclasses.replace(watched, keys=keys)) == {"keys": "do not work (OSError)"}


def test_a_database_that_does_not_answer_is_a_fault(watched: Platform) -> None:
    gone = dataclasses.replace(watched.databases, app_url=watched.databases.app_url.replace("kaowu_web", "kaowu_gone"))
    assert find_faults(dataclasses.replace(watched, databases=gone)) == {
        "database": "does not answer (OperationalError)"
    }


def test_figures_need_the_token(web: Web, client: TestClient[Litestar]) -> None:
    assert web.client.get("/metrics").status_code == 404
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer guessed"}).status_code == 401


def test_requests_are_counted_by_route_and_never_by_what_was_asked_for(client: TestClient[Litestar]) -> None:
    unknown = str(UUID(int=7))
    client.get(f"{API}/applications/{unknown}")
    client.get(f"/nowhere/{unknown}")
    figures = client.get("/metrics", headers=ASKED).text
    assert 'kaowu_requests_total{method="GET",route="/api/v1/applications/{application_id}",status="401"} 1.0' in (
        figures
    )
    assert 'kaowu_requests_total{method="GET",route="none",status="404"} 1.0' in figures
    assert 'kaowu_request_seconds_count{method="GET",route="none"} 1.0' in figures
    assert unknown not in figures


def test_what_waits_and_what_failed_is_read_from_the_database(web: Web, client: TestClient[Litestar]) -> None:
    with web.platform.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('x', 'a_test', 'failed')")
        )
    figures = client.get("/metrics", headers=ASKED).text
    assert 'kaowu_jobs{status="failed"} ' in figures
    assert "kaowu_offices_closed 0.0" in figures
    # The clock of the tests stands in 2024, before anything was written.
    assert "kaowu_record_unsealed_seconds 0.0" in figures
    assert "kaowu_database_up 1.0" in figures


def test_an_entry_that_nobody_seals_shows_by_its_age(web: Web, watched: Platform) -> None:
    web.submitted()
    late = dataclasses.replace(watched, clock=lambda: system_clock() + timedelta(hours=1))
    with client_of(late) as client:
        figures = client.get("/metrics", headers=ASKED).text
    age = next(line for line in figures.splitlines() if line.startswith("kaowu_record_unsealed_seconds "))
    assert 3600 <= float(age.split()[1]) < 7200


def test_without_the_database_the_figures_say_so(watched: Platform) -> None:
    gone = dataclasses.replace(watched.databases, app_url=watched.databases.app_url.replace("kaowu_web", "kaowu_gone"))
    with client_of(dataclasses.replace(watched, databases=gone)) as client:
        figures = client.get("/metrics", headers=ASKED).text
    assert "kaowu_database_up 0.0" in figures
    assert "kaowu_jobs" not in figures
