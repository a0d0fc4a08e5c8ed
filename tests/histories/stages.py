"""Where histories begin: the province at six moments of its year, each in a database of its own.

They are built by the acts themselves, one after the other, and never changed: a history is rolled back.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import uuid_utils.compat
from sqlalchemy import Connection, Engine, NullPool, create_engine

from core.db import roles
from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.documents.storage import DocumentStore
from core.plugin_api import Grade
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, Season
from tests.conftest import clone
from tests.factories import RULES
from tests.histories.acts import NEXT, YEAR, moment
from tests.histories.life import Life
from tests.two_seasons import load_two_seasons, two_seasons


class Stages:
    """The stages built so far, each a database that nobody writes to any more."""

    def __init__(self, server: EmbeddedServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.prefix = f"kaowu_histories_{uuid.uuid4().hex[:8]}"
        self.offices = two_seasons()
        self.moments: dict[str, Any] = {}
        self._held = ExitStack()
        self._connections: dict[str, Connection] = {}

    def name(self, stage: str) -> str:
        """The database of a stage."""
        return f"{self.prefix}_{stage}"

    @contextmanager
    def life(self, stage: str) -> Iterator[Life]:
        """A life that goes on from a stage, and is rolled back at the end. The connection is kept for the next."""
        if stage not in self._connections:
            self._connections[stage] = self._held.enter_context(_connected(self.server, self.name(stage)))
        connection = self._connections[stage]
        with connection.begin() as transaction, ids_in_order(1):
            yield self._life(connection, self.moments[stage])
            transaction.rollback()

    def close(self) -> None:
        """Close the connections."""
        self._held.close()

    def _life(self, connection: Connection, now: Any) -> Life:
        season = Season(connection, self.offices, RULES, DocumentStore(self.folder / "documents"), now=now)
        connection.exec_driver_sql("SET SESSION AUTHORIZATION kaowu_app")
        return Life(season)


@contextmanager
def built(server: EmbeddedServer, folder: Path, wanted: Mapping[str, Callable[[Life], None]]) -> Iterator[Stages]:
    """All stages up to the last that is wanted; their databases go with the block."""
    stages = Stages(server, folder)
    with ExitStack() as held:
        now, template = moment(YEAR, 3, 22), ""
        for number, (stage, bring) in enumerate(wanted.items()):
            name = stages.name(stage)
            if template:
                _copy(server, template, name)
                held.callback(_drop, server, name)
            else:
                addresses = held.enter_context(clone(server, name))
                load_two_seasons(addresses, stages.offices, closed=False)
            with _connected(server, name) as connection, connection.begin(), ids_in_order(100 + number):
                life = stages._life(connection, now)
                bring(life)
                now = stages.moments[stage] = life.now
            template = name
        held.callback(stages.close)
        yield stages


@contextmanager
def ids_in_order(start: int) -> Iterator[None]:
    """Ids that a repetition of a history gives again, so that whatever is sorted by them is sorted the same."""
    usual, counter = uuid_utils.compat.uuid7, iter(range(start << 40, 1 << 62))
    # A version-7 id whose time is that of the start.
    uuid_utils.compat.uuid7 = lambda: uuid.UUID(int=(start << 100) | (7 << 76) | (2 << 62) | next(counter))
    try:
        yield
    finally:
        uuid_utils.compat.uuid7 = usual


@contextmanager
def _connected(server: EmbeddedServer, name: str) -> Iterator[Connection]:
    """A connection of the superuser to a database."""
    # Without statements that the driver prepares by itself: after a rollback it would drop all, this one too.
    options = {"options": "-c jit=off -c plan_cache_mode=force_generic_plan", "prepare_threshold": None}
    engine: Engine = create_engine(server.address(SUPERUSER, name), poolclass=NullPool, connect_args=options)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _copy(server: EmbeddedServer, template: str, name: str) -> None:
    with server.superuser() as connection:
        connection.execute(roles.create_database_statement(name, template=template))
        connection.execute(roles.connect_statement(name))


def _drop(server: EmbeddedServer, name: str) -> None:
    with server.superuser() as connection:
        connection.execute(roles.drop_database_statement(name))


# What happens up to each stage

_PASS = 60


def do(life: Life, name: str, row: Any = None) -> None:
    """An act that must succeed, by whichever draw it does."""
    ends = []
    for luck in range(12):
        said = life.perform(name, row=row, luck=luck)
        if said.done:
            return
        ends.append(said.end)
    raise AssertionError(f"{name}: {ends}")


def case(life: Life, case_id: Any) -> Any:
    """An application as it is now."""
    [found] = life.rows_for("applications", "t.id = :case", case=case_id)
    return found


def bring(life: Life, office: str, grade: Grade, state: str, *, unfiled: bool = False, department: bool = False) -> Any:
    """A new person's application, brought to a state by everybody on its way."""
    below = "t.parent_id IS NOT NULL AND" if department else ""
    unit = life.any_of("units", f"{below} t.local_office_id = :office AND t.ended_at IS NULL", office=office)
    found = case(life, life.draft(*life.register(), unit.id, grade, unfiled=unfiled))
    steps = {
        "draft": "person_submits",
        "unit_review": "unit_approves",
        "department_review": "department_approves",
        "qualification_review": "office_approves",
        "onsite_confirmation": "office_confirms",
    }
    while found.state != state:
        if (
            found.state == "unit_review"
            and unfiled
            and not life.look("SELECT 1 FROM deferrals WHERE application_id = :case", case=found.id)
        ):
            do(life, "unit_commits_to_a_paper", found)
        do(
            life,
            "office_rejects" if state == "rejected" and found.state == "qualification_review" else steps[found.state],
            found,
        )
        found = case(life, found.id)
    return found


def registration(life: Life) -> None:
    """Registration has begun: units, drafts, and cases at every desk."""
    for office in (CITY, COUNTY, OTHER_CITY, PROVINCE):
        above = life.season.add_unit(office)
        life.season.add_unit(office, below=above)
    life.now = moment(YEAR, 3, 25)
    for state in ("draft", "unit_review", "qualification_review"):
        bring(life, CITY, Grade.FIVE, state)
    bring(life, CITY, Grade.FIVE, "department_review", department=True)
    bring(life, COUNTY, Grade.FOUR, "qualification_review")
    onsite = bring(life, OTHER_CITY, Grade.FIVE, "onsite_confirmation")
    do(life, "unit_hands_in_a_batch", onsite)
    do(life, "office_takes_an_original", onsite)
    bring(life, OTHER_CITY, Grade.FOUR, "onsite_confirmation")
    bring(life, CITY, Grade.FOUR, "provisional", unfiled=True)
    do(life, "unit_returns", bring(life, CITY, Grade.FOUR, "unit_review"))
    bring(life, CITY, Grade.FOUR, "unit_review", unfiled=True)
    do(life, "unit_commits_to_a_paper", bring(life, CITY, Grade.FOUR, "unit_review", unfiled=True))


def arrangements(life: Life) -> None:
    """The reviews are over, sites and sittings are set."""
    for grade in (Grade.FIVE, Grade.FOUR, Grade.THREE, Grade.FIVE, Grade.FIVE, Grade.FOUR, Grade.FIVE, Grade.FOUR):
        bring(life, CITY, grade, "qualified")
    for _ in range(2):
        bring(life, COUNTY, Grade.FOUR, "qualified")
        bring(life, OTHER_CITY, Grade.FIVE, "qualified")
    bring(life, CITY, Grade.FOUR, "provisional", unfiled=True)
    supplied = bring(life, CITY, Grade.FOUR, "provisional", unfiled=True)
    do(life, "person_supplies_the_paper", supplied)
    do(life, "person_appeals_against_the_review", bring(life, COUNTY, Grade.FIVE, "rejected"))
    [delegation] = life.rows_for("delegations")
    do(life, "city_draws_a_sample", delegation)
    candidates = life.rows_for("applications", "t.state = 'qualified'")
    do(life, "person_asks_for_a_correction_of_the_name", candidates[0])
    do(life, "office_asks_for_a_correction_of_the_name", candidates[1])
    do(life, "candidate_asks_for_an_accommodation", candidates[2])
    [batch] = life.rows_for("onsite_batches")
    do(life, "office_receives_a_batch", batch)
    for onsite in life.rows_for("applications", "t.state = 'onsite_confirmation'"):
        do(life, "office_confirms", onsite)
    do(life, "office_gives_an_original_back", *life.rows_for("originals"))
    bring(life, OTHER_CITY, Grade.FIVE, "onsite_confirmation")
    life.now = moment(YEAR, 7, 3)
    [city, _] = life.rows_for("offices", "t.level = 'city'")
    do(life, "course_is_set", city)
    do(life, "candidate_enrols", *life.rows_for("training_courses"))
    for office in life.rows_for("offices", "t.level = 'city'"):
        do(life, "invigilators_are_added", office)
        do(life, "site_is_registered", office)
        for site in life.rows_for("exam_sites", "t.office_id = :office AND t.ready_at IS NULL", office=office.id):
            do(life, "site_is_signed_off", site)
        do(life, "sitting_is_set", office)
    do(life, "site_serves_another_office", life.rows_for("exam_sites")[0])


def ticketed(life: Life) -> None:
    """Plans are published and tickets issued."""
    for office in life.rows_for("offices", "t.level = 'city'"):
        do(life, "plan_is_drawn_up", office)
    for plan in life.rows_for("plans"):
        do(life, "plan_is_published", plan)
        do(life, "tickets_are_issued", plan)
    do(life, "plan_is_drawn_up_again", plan)


def exam_day(life: Life) -> None:
    """The doors of the first sitting open."""
    life.now = life.one("SELECT min(starts_at) FROM sittings") - timedelta(minutes=20)


def examined(life: Life) -> None:
    """The exams are over, marks are there, and outcomes in one office."""
    for sitting in life.rows_for("sittings"):
        life.now = sitting.starts_at
        people = life.one("SELECT count(*) FROM seats WHERE sitting_id = :sitting", sitting=sitting.id)
        for luck in range(3 * people):
            life.perform("candidate_arrives", row=sitting, luck=luck)
        life.now = sitting.ends_at
        do(life, "door_list_is_closed", sitting)
    life.now = moment(YEAR, 10, 8)
    [city, other] = life.rows_for("offices", "t.level = 'city'")
    do(life, "marks_are_handed_in", city)
    do(life, "marks_are_confirmed", *life.rows_for("mark_imports"))
    do(life, "outcomes_are_worked_out", city)
    do(life, "marks_are_handed_in", other)
    marks = life.rows_for("marks", "t.office_id = 'linshui/qinghe'")
    do(life, "correction_is_asked_for", marks[0])
    do(life, "candidate_asks_for_a_check", marks[4])
    accuse(life)
    do(life, "list_is_drafted", city)


def accuse(life: Life) -> None:
    """A case of sanctions at each of its steps."""
    people = life.rows_for("applications", "t.state = 'qualified' AND t.office_id = 'linshui/qinghe'")
    steps = (
        *("violation_is_heard", "person_speaks", "person_waives_being_heard"),
        *("violation_is_decided", "paper_is_served", "person_appeals"),
    )
    for number, person in enumerate(people[-5:]):
        do(life, "violation_is_proposed", person)
        for step in steps[:number]:
            [found] = life.rows_for("sanction_cases", "t.application_id = :case", case=person.id)
            do(life, step, found)


def certified(life: Life) -> None:
    """One office has issued its certificates, the list of the other is out."""
    [_, other] = life.rows_for("offices", "t.level = 'city'")
    do(life, "list_is_published", *life.rows_for("publications"))
    life.now = moment(YEAR, 11, 4)
    do(life, "list_is_closed", *life.rows_for("publications"))
    do(life, "certificates_are_issued", *life.rows_for("publications"))
    holders = life.rows_for("certificates")
    do(life, "holder_asks_for_another_certificate", holders[0])
    for holder in holders[-2:]:
        lose_the_pass(life, holder)
    do(life, "marks_are_confirmed", *life.rows_for("mark_imports", "t.state = 'proposed'"))
    do(life, "outcomes_are_worked_out", other)
    do(life, "list_is_drafted", other)
    [listed] = life.rows_for("publications", "t.state = 'draft'")
    do(life, "list_is_published", listed)
    do(life, "somebody_objects", listed)


def lose_the_pass(life: Life, holder: Any) -> None:
    """A holder's mark is corrected below the pass; the certificate can be revoked once it can no longer be checked."""
    mark, *_ = life.rows_for("marks", "t.application_id = :case", case=holder.application_id)
    for luck in range(20):
        life.perform("correction_is_asked_for", row=mark, luck=luck)
        for asked in life.rows_for("mark_corrections", "t.state = 'asked' AND t.application_id = :case", case=mark[0]):
            if asked.to_mark is not None and asked.to_mark < _PASS:
                do(life, "correction_is_granted", asked)
                return
            do(life, "correction_is_refused", asked)
    raise AssertionError(holder.number)


def next_season(life: Life) -> None:
    """The next registration has begun, and some apply again."""
    life.now = moment(NEXT, 3, 22)
    do(life, "certificate_is_revoked", life.rows_for("certificates")[-1])
    for office in life.rows_for("offices"):
        do(life, "worker_carries_out_what_is_due", office)
    for luck in range(3):
        life.perform("person_drafts_again", luck=luck)
    do(life, "delegation_is_taken_back", *life.rows_for("delegations"))
    do(life, "city_proposes_a_delegation")


STAGES: Mapping[str, Callable[[Life], None]] = {
    "registration": registration,
    "arrangements": arrangements,
    "ticketed": ticketed,
    "exam_day": exam_day,
    "examined": examined,
    "certified": certified,
    "next_season": next_season,
}
"""The stages in their order; each goes on from the one before."""
