"""Lists of applications over JSON: narrowed, paged, and read in as many statements whatever they hold."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

from tests.callers import Web
from tests.cases import YEAR


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that are sent to the database during the block."""
    seen: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def test_a_list_asks_as_often_for_three_rows_as_for_one(web: Web) -> None:
    flow = web.submitted()
    with statements(web.platform.engine) as for_one:
        assert len(flow.manager.get("/applications", year=YEAR).json()["items"]) == 1
    unit_id = flow.manager.get(flow.path).json()["unit_id"]
    for _ in range(2):
        assert web.applicant().post("/applications", {"year": YEAR, "unit_id": unit_id}).status_code == 201
    with statements(web.platform.engine) as for_three:
        listed = flow.manager.get("/applications", year=YEAR).json()["items"]

    assert len(listed) == 3
    assert len(for_three) == len(for_one)


def test_a_list_is_narrowed_and_paged_by_key(web: Web) -> None:
    flow = web.submitted()
    manager = flow.manager
    only = manager.get("/applications", year=YEAR, state="unit_review", grade=5).json()["items"]
    assert [case["id"] for case in only] == [flow.path.rsplit("/", 1)[1]]
    assert manager.get("/applications", year=YEAR, state="qualified").json()["items"] == []
    assert manager.get("/applications", year=YEAR, after=only[0]["id"]).json() == {"items": [], "after": None}
