"""A unit that ends: its cases keep it until somebody takes them over, and the people of its drafts are told."""

import pytest
from sqlalchemy import select

from core.errors import Conflict
from core.messages.models import Notice
from core.organizations import service
from core.reviews.due import carry_out_due
from tests.cases import CITY, YEAR, Case, Season, at

PAPER = {"valid_from": at(3, 25).date(), "instrument": "清编〔2024〕3号"}


def _end(season: Season, case: Case) -> None:
    with season.as_office(CITY) as session:
        service.end_unit(session, case.unit, successor_id=None, **PAPER)


def test_a_unit_with_a_case_before_it_does_not_end_without_a_successor(season: Season) -> None:
    case = season.submitted()
    with pytest.raises(Conflict) as refusal:
        _end(season, case)
    assert refusal.value.code == "unit_has_cases"
    season.approve_at_unit(case)
    _end(season, case)


def test_a_draft_of_an_ended_unit_is_not_submitted_and_its_person_is_told_once(season: Season) -> None:
    case = season.draft()
    _end(season, case)
    with pytest.raises(Conflict) as refusal:
        season.submit(case)
    assert refusal.value.code == "unit_is_gone"
    for _ in range(2):
        with season.as_system(CITY) as session:
            carry_out_due(session, year=YEAR, offices=season.offices)
    with season.as_person(case.person) as session:
        told = session.scalars(select(Notice.title).where(Notice.kind == "unit_ended")).all()
    assert told == ["您填报的单位已撤销"]


def test_a_draft_of_a_unit_with_a_successor_is_submitted_as_before(season: Season) -> None:
    case, successor = season.draft(), season.add_unit()
    with season.as_office(CITY) as session:
        service.end_unit(session, case.unit, successor_id=successor, **PAPER)
    assert season.submit(case) == "unit_review"
