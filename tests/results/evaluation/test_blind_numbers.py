"""Numbers that lead nowhere for those who judge them, and a draw that nobody chose and everybody repeats."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from core.applications.models import Application
from core.audit.models import RecordEntry
from core.db.session import Actor, ProvinceSession, Role
from core.documents.models import Document
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity.models import Account
from core.results.evaluation.panels import form_panel
from core.results.evaluation.queries import identities, seed_of
from core.results.evaluation.replacement import dissolve, draw_member, leave
from core.results.evaluation.scoring import own_sheets, panel_candidates
from core.results.evaluation.scoring_rules import commits, drawn
from core.results.evaluation.works import describe
from core.results.models.evaluation import EvaluationPanel, PanelIdentity
from tests.cases import CITY, PROVINCE, YEAR
from tests.results.conftest import Office
from tests.results.evaluation.panel_at_work import MEMBERS, Panel, begun, candidates, formed, issue


@pytest.fixture
def panel(office: Office) -> Panel:
    """Two candidates who passed theory before three members."""
    good = candidates(office, 140, 160)
    panel_id = formed(office)
    begun(office, panel_id)
    return Panel(office, panel_id, good)


def _seen(panel: Panel, name: str) -> tuple[set[UUID], set[UUID], set[UUID]]:
    """The identities, the cases and the papers of the candidates that somebody of the office sees."""
    ids = [case.id for case in panel.candidates]
    with panel.office.at_work(name) as session:
        return (
            set(session.scalars(select(PanelIdentity.application_id).where(PanelIdentity.panel_id == panel.id))),
            set(session.scalars(select(Application.id).where(Application.id.in_(ids)))),
            set(session.scalars(select(Document.application_id).where(Document.application_id.in_(ids)))),
        )


def test_a_member_reads_material_and_no_way_leads_from_a_number_to_its_case(panel: Panel) -> None:
    ids = {case.id for case in panel.candidates}
    assert _seen(panel, "甲")[:2] == (ids, ids)
    for name in MEMBERS:
        assert _seen(panel, name) == (set(), set(), set())
    with panel.office.at_work("丁") as session:
        sheets = own_sheets(session, YEAR)
        lines = panel_candidates(session, session.get_one(EvaluationPanel, panel.id))
        assert identities(session, panel.id) == []
        assert seed_of(session, panel.id) is None
    assert [sheet.number for sheet in sheets] == [1, 2]
    assert [(line.reference, line.name) for line in lines] == [("", ""), ("", "")]
    told = {key for sheet in sheets for key in sheet.material}
    assert {"first_job_year", "current_grade", "assessments", "trade"} <= told
    assert told.isdisjoint({"unit", "staff_category", "retires_on", "acknowledgements"})


def test_who_left_or_was_replaced_learns_nothing_before_the_panel_ends(panel: Panel) -> None:
    issue(panel.office, "庚")
    with panel.office.at_work() as session:
        leave(session, panel.id, panel.office.examiner("丁").account_id, reason="测试原因", voids=False)
        draw_member(session, panel.id, offices=panel.office.season.offices)
    assert _seen(panel, "丁") == _seen(panel, "庚") == (set(), set(), set())
    with panel.office.at_work("supervisor") as session:
        dissolve(session, panel.id, reason="测试原因")
    assert _seen(panel, "丁")[0] == {case.id for case in panel.candidates}


def test_neither_a_deputy_nor_the_same_persons_other_account_nor_the_center_resolves(panel: Panel) -> None:
    season, member = panel.office.season, panel.office.examiner("丁").account_id
    wanted = select(PanelIdentity.application_id).where(PanelIdentity.panel_id == panel.id)
    deputy = Actor(uuid4(), "测试代办", Role.EXAMINER, office_id=CITY, on_behalf_of=member)
    with season.as_office(CITY, actor=deputy) as session:
        assert session.scalars(wanted).all() == []
    person_id = panel.office.undecided().person.person_id
    other = uuid4()
    with season.as_system(CITY) as session:
        session.execute(update(Account).where(Account.id == member).values(person_id=person_id))
        values = {"login": f"test-{other}", "name": "测试另一账号", "created_at": session.now, "person_id": person_id}
        session.execute(insert(Account).values(id=other, issued_by_office_id=CITY, **values))
    with season.as_office(CITY, actor=Actor(other, "测试另一账号", Role.CITY_REVIEWER, office_id=CITY)) as session:
        assert session.scalars(wanted).all() == []
    center = Actor(member, "测试评委", Role.PROVINCIAL_OFFICER, office_id=PROVINCE)
    with ProvinceSession(season.connection, actor=center, now=season.now) as above, above.begin():
        assert above.scalars(wanted).all() == []
        assert above.get(Application, panel.candidates[0].id) is None


def test_the_seed_is_secret_before_the_draw_and_told_with_the_scores(office: Office) -> None:
    good = candidates(office, 140, 160, 150)
    panel_id = formed(office)
    with office.at_work() as session:
        assert seed_of(session, panel_id) is None
        commitment = session.get_one(EvaluationPanel, panel_id).commitment
        entry = session.scalars(select(RecordEntry.payload).where(RecordEntry.kind == "panel.formed")).one()
        assert entry["commitment"] == commitment
    begun(office, panel_id)
    panel = Panel(office, panel_id, good)
    panel.score_all(dict.fromkeys([case.id for case in good], 80))
    panel.close()
    with office.at_work("丁") as session:
        seed, order = seed_of(session, panel_id), identities(session, panel_id)
        entries = str(session.scalars(select(RecordEntry.payload)).all())
    assert seed is not None
    assert seed not in entries
    assert commits(seed, commitment)
    assert not commits(f"{seed}0", commitment)
    assert drawn([case.id for case in good], seed) == [line.application_id for line in order]


def test_a_seed_that_was_not_committed_is_refused_and_none_is_changed(office: Office) -> None:
    with office.at_work() as session:
        made = form_panel(session, year=YEAR, name="第一评审组", trades=["LS-1"], offices=office.season.offices)
    other = text("INSERT INTO panel_draws VALUES (:panel, :office, 'chosen')")
    change = text("UPDATE panel_draws SET seed = 'chosen'")
    for statement in (other, change):
        with office.at_work() as session, pytest.raises(DBAPIError), session.begin_nested():
            session.execute(statement, {"panel": made.id, "office": CITY})


def test_numbers_are_drawn_by_the_database_alone_and_for_ones_own_candidates(panel: Panel) -> None:
    draw = text("SELECT draw_numbers(:panel, '{}')")
    put = text("INSERT INTO panel_candidates SELECT * FROM panel_candidates LIMIT 1")
    for statement in (draw, put):
        with panel.office.at_work() as session, pytest.raises(DBAPIError), session.begin_nested():
            session.execute(statement, {"panel": panel.id})


def test_works_are_told_by_somebody_who_is_no_member_and_name_nobody(panel: Panel) -> None:
    with panel.office.at_work() as session:
        [line, other] = identities(session, panel.id)
        case = session.get_one(Application, line.application_id)
        for text_of in (f"{case.person_name}发明了夹具", f"在{case.unit_name}工作", " ", "长" * 2001):
            with pytest.raises(Invalid):
                describe(session, panel.id, line.number, text_of)
        with pytest.raises(NotFound):
            describe(session, panel.id, 99, "改进夹具两项")
        describe(session, panel.id, line.number, "改进夹具两项，带徒三人。")
    with panel.office.at_work("丁") as session:
        assert {sheet.number: sheet.works for sheet in own_sheets(session, YEAR)} == {
            line.number: "改进夹具两项，带徒三人。",
            other.number: "",
        }
        with pytest.raises(Forbidden, match="您是本组评委"):
            describe(session, panel.id, line.number, "改进夹具")
    panel.score("戊", next(case for case in panel.candidates if case.id == line.application_id), 80)
    with panel.office.at_work("supervisor") as session:
        with pytest.raises(Conflict, match="不能再改"):
            describe(session, panel.id, line.number, "改进夹具三项")
        describe(session, panel.id, other.number, "编写工艺规程一部")
