"""The two rosters of a unit: their rows and versions."""

import pytest
from sqlalchemy import select, update

from core.applications.models import Application
from core.audit.models import RecordEntry
from core.audit.service import digest_of
from core.domain.workflow import Action
from core.errors import KaowuError
from core.identity.models import Person
from core.reviews.models import Roster
from core.reviews.rosters import RosterKind, is_superseded, make_roster, rows_to_print
from core.security.keys import Place
from tests.cases import KEYS
from tests.entrusted import Entrusted
from tests.linshui import QINGHE, YEAR


def _passed(world: Entrusted, *, onsite: bool) -> None:
    world.act(QINGHE, world.case(onsite=onsite), Action.APPROVE)


def test_each_roster_lists_its_own_people(world: Entrusted) -> None:
    _passed(world, onsite=False)
    _passed(world, onsite=True)
    rejected = world.case()
    world.act(QINGHE, rejected, Action.REJECT)
    world.case()
    with world.unit() as session:
        passed = make_roster(session, RosterKind.PASSED, YEAR)
        to_come = make_roster(session, RosterKind.ONSITE, YEAR)
    assert [row["name"] for row in passed.rows] == ["测试甲0001"]
    assert [row["name"] for row in to_come.rows] == ["测试甲0002"]


def test_a_row_is_numbered_and_masks_the_identity_number(world: Entrusted) -> None:
    for _ in range(2):
        _passed(world, onsite=True)
    with world.unit() as session:
        rows = make_roster(session, RosterKind.ONSITE, YEAR).rows
    assert [row["number"] for row in rows] == [1, 2]
    assert [row["identity"] for row in rows] == ["*" * 14 + "0001", "*" * 14 + "0002"]
    assert {row["grade"] for row in rows} == {"五级"}
    assert rows[0]["reference"] < rows[1]["reference"]


def test_what_is_stamped_has_full_numbers_and_what_is_kept_has_not(world: Entrusted) -> None:
    _passed(world, onsite=True)
    with world.officer(QINGHE) as session:
        [person] = session.scalars(select(Person)).all()
        number = KEYS.decrypt(person.id_number, Place("persons", "id_number", person.id)).decode()
        session.execute(update(Application).values(id_tail=number[-4:]))
    with world.unit() as session:
        made = make_roster(session, RosterKind.ONSITE, YEAR)
        [row] = rows_to_print(session, made, keys=KEYS)
        kept = session.get_one(Roster, made.id).rows[0]["identity"]
    assert (row["identity"], kept) == (number, "*" * 14 + number[-4:])


def test_a_name_that_no_font_has_is_on_no_roster(world: Entrusted) -> None:
    _passed(world, onsite=True)
    with world.officer(QINGHE) as session:
        session.execute(update(Application).values(person_name="测\U0002ebf0试"))
    with world.unit() as session, pytest.raises(KaowuError) as refusal:
        make_roster(session, RosterKind.ONSITE, YEAR)
    assert refusal.value.code == "paper_unprintable"
    assert "U+2EBF0" in refusal.value.detail


def test_an_unchanged_roster_gets_no_new_version(world: Entrusted) -> None:
    _passed(world, onsite=True)
    with world.unit() as session:
        first = make_roster(session, RosterKind.ONSITE, YEAR)
    with world.unit() as session:
        again = make_roster(session, RosterKind.ONSITE, YEAR)
        assert not is_superseded(session, again)
    assert (again.id, again.version) == (first.id, 1)
    assert first.digest == digest_of(first.rows).hex()


def test_a_changed_roster_gets_a_new_version_and_supersedes_the_old(world: Entrusted) -> None:
    _passed(world, onsite=True)
    with world.unit() as session:
        first = make_roster(session, RosterKind.ONSITE, YEAR)
    _passed(world, onsite=True)
    with world.unit() as session:
        second = make_roster(session, RosterKind.ONSITE, YEAR)
        assert (is_superseded(session, first), is_superseded(session, second)) == (True, False)
    assert (second.version, len(second.rows)) == (2, 2)
    assert second.digest != first.digest


def test_a_roster_of_nobody_is_refused(world: Entrusted) -> None:
    world.case()
    with world.unit() as session, pytest.raises(KaowuError):
        make_roster(session, RosterKind.PASSED, YEAR)


def test_making_a_roster_is_recorded_once_a_version(world: Entrusted) -> None:
    _passed(world, onsite=True)
    for _ in range(2):
        with world.unit() as session:
            made = make_roster(session, RosterKind.ONSITE, YEAR)
    with world.office(QINGHE, world.now) as session:
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(made.id))).all()
    assert kinds == ["roster.made"]
