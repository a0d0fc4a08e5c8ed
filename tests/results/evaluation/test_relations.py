"""Declared relations (回避): once in the register, they hold for reviews, sanctions, sheets and the draw of members."""

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from core.applications.models import DeclaredRelation
from core.applications.relations import RelationKind, declare, end, must_avoid, relations
from core.audit.models import RecordEntry
from core.errors import Conflict, Forbidden, Invalid
from core.identity.models import Account
from core.organizations.models import Unit
from core.results.evaluation.replacement import draw_member
from core.results.models.evaluation import EvaluationSheet, PanelIdentity
from core.reviews import service as reviews
from core.reviews.decisions.items import each_item
from core.sanctions import cases as sanctions
from tests.cases import CITY, Case, Season, at
from tests.results.conftest import Office
from tests.results.evaluation.panel_at_work import Panel, begun, candidates, formed, issue


def _account(season: Season, who: str) -> None:
    """A row for an officer of the city, who exists in sessions alone otherwise."""
    actor = season.officer(CITY, who)
    with season.as_system(CITY) as session:
        if session.get(Account, actor.account_id) is None:
            values = {"login": f"test-{actor.account_id}", "name": actor.name, "created_at": session.now}
            session.execute(insert(Account).values(id=actor.account_id, issued_by_office_id=CITY, **values))


def _approve(season: Season, case: Case) -> None:
    with season.as_office(CITY) as session:
        items = each_item(session, case.id)
        reviews.approve(session, case.id, offices=season.offices, items=items)


@pytest.fixture
def declared(season: Season) -> Case:
    """A case before the city, whose reviewer is of the applicant's kin."""
    season.now = at(3, 25)
    case = season.at_office(CITY)
    _account(season, "online")
    with season.as_office(CITY) as session:
        declare(session, RelationKind.KIN, reference=season.look(case).reference, note="表兄")
    return case


def test_who_declared_a_relation_does_not_review_a_case_and_a_colleague_does(season: Season, declared: Case) -> None:
    with season.as_office(CITY) as session:
        assert must_avoid(session, declared.id)
        with pytest.raises(DBAPIError, match="declared a relation"), session.begin_nested():
            reviews.approve(session, declared.id, offices=season.offices, items=each_item(session, declared.id))
    with season.as_office(CITY, "onsite") as session:
        assert not must_avoid(session, declared.id)
        reviews.approve(session, declared.id, offices=season.offices, items=each_item(session, declared.id))


def test_who_declared_a_relation_to_a_unit_hears_none_of_its_people(season: Season) -> None:
    season.now = at(3, 25)
    case = season.at_office(CITY)
    with season.as_office(CITY) as session:
        found = sanctions.propose(session, case.id, facts="测试线索").id
    _account(season, "supervisor")
    with season.as_office(CITY, "supervisor") as session:
        declare(session, RelationKind.UNIT, unit=session.get_one(Unit, case.unit).name)
        with pytest.raises(DBAPIError, match="declared a relation"), session.begin_nested():
            sanctions.hear(session, found, words="立案", offices=season.offices)


def test_a_supervisor_ends_a_relation_with_a_reason_and_nobody_their_own(season: Season, declared: Case) -> None:
    _account(season, "supervisor")
    with season.as_office(CITY) as session:
        [found] = relations(session)
        ended = update(DeclaredRelation).values(ended_at=session.now, ended_by=found.account_id, ended_reason="测试")
        with pytest.raises(DBAPIError, match="row-level"), session.begin_nested():
            session.execute(ended)
    with season.as_office(CITY, "supervisor") as session:
        own = declare(session, RelationKind.KIN, reference=season.look(declared).reference)
        with pytest.raises(Forbidden, match="本人登记"):
            end(session, own.id, reason="测试")
        with pytest.raises(Invalid, match="终止的原因"):
            end(session, found.id, reason=" ")
        end(session, found.id, reason="登记有误")
        with pytest.raises(Conflict, match="已经终止"):
            end(session, found.id, reason="登记有误")
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.kind.startswith("relation."))).all()
    assert sorted(kinds) == ["relation.declared", "relation.declared", "relation.ended"]
    _approve(season, declared)


def test_one_sees_ones_own_relations_and_a_supervisor_all_and_nobody_declares_for_another(
    season: Season, declared: Case
) -> None:
    _account(season, "supervisor")
    with season.as_office(CITY, "onsite") as session:
        assert list(relations(session)) == []
        with pytest.raises(Forbidden, match="只能登记本人"):
            declare(
                session,
                RelationKind.KIN,
                account_id=season.officer(CITY, "online").account_id,
                reference=season.look(declared).reference,
            )
    with season.as_office(CITY, "supervisor") as session:
        assert [found.note for found in relations(session)] == ["表兄"]
        assert relations(session)[0].about.endswith("）")


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (RelationKind.KIN, {}, "其中一项|中的一项"),
        (RelationKind.KIN, {"reference": "没有", "unit": "没有"}, "中的一项"),
        (RelationKind.UNIT, {"reference": "没有"}, "单位全称"),
        (RelationKind.KIN, {"reference": "没有"}, "没有这个申报编号"),
        (RelationKind.UNIT, {"unit": "没有"}, "没有这个单位"),
    ],
)
def test_a_relation_is_to_one_person_or_unit_that_exists(
    season: Season, kind: RelationKind, given: dict[str, str], message: str
) -> None:
    _account(season, "online")
    with season.as_office(CITY) as session, pytest.raises(Invalid, match=message):
        declare(session, kind, reference=given.get("reference", ""), unit=given.get("unit", ""))


def test_the_same_relation_is_declared_once(season: Season, declared: Case) -> None:
    with season.as_office(CITY) as session, pytest.raises(Conflict, match="已经登记"):
        declare(session, RelationKind.KIN, reference=season.look(declared).reference)


def _unit_name(office: Office, case: Case) -> str:
    with office.at_work() as session:
        return str(session.get_one(Unit, case.unit).name)


def test_a_relation_keeps_an_examiner_out_of_sheets_and_of_the_draw(office: Office) -> None:
    judged = candidates(office, 140)
    panel_id = formed(office)
    for name in ("庚", "辛"):
        issue(office, name)
    with office.at_work("庚") as session:
        declare(session, RelationKind.UNIT, unit=_unit_name(office, judged[0]))
    begun(office, panel_id)
    panel = Panel(office, panel_id, judged)
    with office.at_work("丁") as session:
        declare(session, RelationKind.TEACHER, reference=office.reference(judged[0]), note="师傅")
        sheet = session.scalars(
            select(EvaluationSheet).where(EvaluationSheet.account_id == session.actor.account_id)
        ).one()
        assert (sheet.state, sheet.remark) == ("excused", "登记了回避关系")
    with office.at_work() as session:
        drawn = draw_member(session, panel.id, offices=office.season.offices)
    assert drawn.account_id == office.examiner("辛").account_id


def test_a_relation_that_comes_late_voids_the_sheet_that_is_in(office: Office) -> None:
    judged = candidates(office, 140, 150)
    panel_id = formed(office)
    begun(office, panel_id)
    panel = Panel(office, panel_id, judged)
    panel.score_all({case.id: 80 for case in judged})
    with office.at_work("戊") as session:
        declare(session, RelationKind.KIN, reference=office.reference(judged[0]))
    with office.at_work() as session:
        rows = session.execute(
            select(PanelIdentity.application_id, EvaluationSheet.state)
            .join(EvaluationSheet, EvaluationSheet.candidate_id == PanelIdentity.candidate_id)
            .where(EvaluationSheet.account_id == office.examiner("戊").account_id)
        ).all()
    assert dict(rows) == {judged[0].id: "void", judged[1].id: "submitted"}
    with pytest.raises(Conflict, match="少于3张"):
        panel.close()
