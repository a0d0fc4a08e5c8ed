"""Many cases before an office within seconds: one of each kind by the real services, the others copied as rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, create_engine, text

from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.plugin_api import OfficeCode
from tests.browser.people import submit_and_approve
from tests.browser.town import Town
from tests.cases import COUNTY, answers, uncertain


@dataclass(frozen=True)
class Kind:
    """A kind of case: what its applicant has stated, how many there are, and a paper that is not there."""

    word: str
    number: int
    asks: bool = False
    lacks: str = ""


KINDS = (
    Kind("齐全", 55),
    Kind("存疑", 20, asks=True),
    Kind("缺件", 10, lacks="identity_card"),
    Kind("有误", 10),
    Kind("不符", 5),
)
"""A hundred cases: complete, with a finding to settle, without a paper, with a wrong answer, and not eligible."""

_COPIED = text("""
CREATE TEMP TABLE copied ON COMMIT DROP AS
SELECT a.id AS source, a.person_id AS known, gen_random_uuid() AS id, gen_random_uuid() AS person, number
FROM applications a, generate_series(1, :number) AS number WHERE a.id = :source
""")
_PEOPLE = text("""
INSERT INTO persons SELECT (jsonb_populate_record(
    p, jsonb_build_object('id', c.person, 'id_hash', '\\x' || md5(c.person::text)))).*
FROM copied c JOIN persons p ON p.id = c.known
""")
_CASES = text("""
INSERT INTO applications SELECT (jsonb_populate_record(a, jsonb_build_object(
    'id', c.id, 'person_id', c.person, 'reference', a.reference || lpad(c.number::text, 3, '0'),
    'person_name', a.person_name || c.number))).*
FROM copied c JOIN applications a ON a.id = c.source
""")
_OF_CASES = """
INSERT INTO {table} SELECT (jsonb_populate_record(
    t, to_jsonb(t) || jsonb_build_object('id', gen_random_uuid(), 'application_id', c.id))).*
FROM copied c JOIN {table} t ON t.application_id = c.source
"""
_HANDLERS = text("""
INSERT INTO case_handlers (application_id, office_id, owner_office_id, "from", until, reason, account_id, delegation_id)
SELECT c.id, h.office_id, h.owner_office_id, h."from", h.until, h.reason, h.account_id, h.delegation_id
FROM copied c JOIN case_handlers h ON h.application_id = c.source
""")
_COUNTED = text("""
INSERT INTO case_counts (office_id, local_office_id, handler_office_id, year, what, grade, submitted, decision, n)
SELECT a.office_id, a.local_office_id, a.handler_office_id, a.year, a.state, a.grade, true, false, 1
FROM copied c JOIN applications a ON a.id = c.id
""")


def hundred_cases(town: Town, server: EmbeddedServer, office: OfficeCode = COUNTY) -> str:
    """Cases of every kind of one unit before the office, each named after its kind; returns the unit's name."""
    unit_id = town.web.unit(office)
    manager = town.manager(unit_id)
    made: dict[Kind, UUID] = {}
    for kind in KINDS:
        applicant = town.web.applicant(f"测试{kind.word}")
        filled = uncertain() if kind.asks else answers()
        made[kind] = UUID(town.web.draft(applicant, unit_id, filled)["id"])
        submit_and_approve(applicant, manager, f"/applications/{made[kind]}")
    name = town.web.platform.engine.url.database
    assert name is not None
    engine = create_engine(server.address(SUPERUSER, name))
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        _copy(connection, made)
    engine.dispose()
    return town.unit_name(unit_id)


def _copy(connection: Connection, made: Mapping[Kind, UUID]) -> None:
    for kind, source in made.items():
        if kind.lacks:
            lost = text("DELETE FROM documents WHERE application_id = :source AND material = :lacks")
            connection.execute(lost, {"source": source, "lacks": kind.lacks})
        connection.execute(_COPIED, {"source": source, "number": kind.number - 1})
        for statement in (_PEOPLE, _CASES, _HANDLERS, _COUNTED):
            connection.execute(statement)
        for table in ("submissions", "findings", "documents", "moves"):
            connection.execute(text(_OF_CASES.format(table=table)))
        connection.execute(text("DROP TABLE copied"))
