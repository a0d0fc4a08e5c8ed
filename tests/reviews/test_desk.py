"""The desk: the queue and its search, claims, and many decisions at once."""

import base64
import json
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from core.applications.initials import initials
from core.domain.workflow import Action, State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.pages.reviews.case import answers_given
from core.reviews import changes, claims, service
from core.reviews.bulk import Decided, Seen, decide_each
from core.reviews.decisions.items import ItemVerdict, each_item
from core.reviews.queue import Asked, Claimed, counts, next_case, queue
from tests.cases import CITY, COUNTY, OTHER_CITY, YEAR, Case, Season, answers, uncertain


def references(season: Season, asked: Asked, *, after: str | None = None, size: int = 50) -> list[str]:
    with season.as_office(CITY) as session:
        return [row.reference for row in queue(session, YEAR, asked, after=after, size=size).rows]


def test_the_most_urgent_comes_first_and_pages_go_on_where_the_last_one_ended(season: Season) -> None:
    cases = [season.at_office() for _ in range(3)]
    due = season.look(cases[0]).due_at
    assert due is not None
    for case, days in zip(cases, (2, 0, 0), strict=True):
        _set_due(season, case, due + timedelta(days=days))
    expected = [season.look(case).reference for case in (cases[1], cases[2], cases[0])]
    assert references(season, Asked()) == expected
    with season.as_office(CITY) as session:
        first = queue(session, YEAR, Asked(), size=2)
        second = queue(session, YEAR, Asked(), after=first.after, size=2)
    assert [row.reference for row in (*first.rows, *second.rows)] == expected
    assert second.after is None


@pytest.mark.parametrize("key", ["x", "W10=", "WyIyMDI0IiwgMV0="])
def test_a_key_that_no_page_gave_is_refused(season: Season, key: str) -> None:
    with season.as_office(CITY) as session, pytest.raises(Invalid, match="回到第一页"):
        queue(session, YEAR, Asked(), after=key)


def test_a_case_is_found_by_name_initials_reference_unit_and_last_four_digits(season: Season) -> None:
    case, other = season.at_office(), season.at_office()
    found = season.look(case)
    name = found.person_name
    for wanted in (
        name,
        name[:3],
        f"{name[0]} {name[1]}\u200b{name[2:]}",
        initials(name)[:3].upper(),
        found.reference,
        found.unit_name,
    ):
        assert found.reference in references(season, Asked(text=wanted)), wanted
    assert references(season, Asked(text=found.unit_name)) == [found.reference]
    assert references(season, Asked(text=name)) == [found.reference]
    assert set(references(season, Asked(text="0000"))) == {found.reference, season.look(other).reference}
    assert references(season, Asked(text="没有的人")) == []


def test_a_case_is_found_by_every_reading_of_its_name_and_by_a_latin_one(season: Season) -> None:
    case, foreign = season.at_office(), season.at_office()
    with season.as_office(CITY) as session:
        for found, name in ((case, "单长乐"), (foreign, "Tess Ting")):
            given = {"name": name, "initials": initials(name), "id": found.id}
            session.execute(
                text("UPDATE applications SET person_name = :name, initials = :initials WHERE id = :id"), given
            )
    for wanted in ("scl", "szl", "dzy", "DCL", "d c l"):
        assert season.look(case).reference in references(season, Asked(text=wanted)), wanted
    for wanted in ("tess", "TESS TING", "tess  t", "tt"):
        assert references(season, Asked(text=wanted)) == [season.look(foreign).reference], wanted
    assert references(season, Asked(text="cl")) == []


def test_rare_characters_have_initials_and_an_unknown_one_stands_for_itself() -> None:
    assert initials("测试甲") == "csj"
    assert initials("买买提·阿不都") == "mmtabd"
    assert initials("𬭼𠮷") == initials("𬭼𠮷").lower() != ""


def test_a_queue_holds_what_its_office_has_in_hand_and_nothing_else(season: Season) -> None:
    here = season.at_office()
    season.submitted()
    delegated = season.at_office(COUNTY)
    assert references(season, Asked()) == [season.look(here).reference]
    with season.as_office(COUNTY) as session:
        assert [row.id for row in queue(session, YEAR, Asked()).rows] == [delegated.id]
    with season.as_office(OTHER_CITY) as session:
        assert queue(session, YEAR, Asked()).rows == []
        assert counts(session, YEAR) == {}
    with season.as_office(CITY) as session:
        assert counts(session, YEAR)[State.QUALIFICATION_REVIEW] == 1


def test_a_long_queue_takes_as_many_statements_as_a_short_one(season: Season) -> None:
    def statements() -> int:
        made: list[str] = []
        listen = lambda *given: made.append(given[2])  # noqa: E731 - the event's signature
        event.listen(season.connection, "before_cursor_execute", listen)
        with season.as_office(CITY) as session:
            queue(session, YEAR, Asked())
            counts(session, YEAR)
        event.remove(season.connection, "before_cursor_execute", listen)
        return len(made)

    season.at_office()
    short = statements()
    season.at_office()
    season.at_office()
    assert statements() == short


@pytest.mark.parametrize("told", ["x", "\u4e2d", [1, 2], ["2024-03-25T09:00:00", 5], {"a": 1, "b": 2}])
def test_a_page_that_no_page_led_to_is_refused(season: Season, told: object) -> None:
    key = told if isinstance(told, str) else base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
    with season.as_office(CITY) as session, pytest.raises(Invalid) as refused:
        queue(session, YEAR, Asked(), after=key)
    assert refused.value.code == "page_unknown"


@pytest.mark.parametrize("given", [{"settle_x": "yes"}, {"settle_": "no"}])
def test_an_answer_to_no_finding_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        answers_given(given)
    assert refused.value.code == "finding_unknown"


def test_two_officers_do_not_read_the_same_case(season: Season) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session:
        claims.claim(session, case.id)
    with season.as_office(CITY, "second") as session:
        with pytest.raises(Conflict, match=r"测试online员已于.*领取此件"):
            claims.claim(session, case.id)
        with pytest.raises(Conflict, match="接手"):
            service.reject(session, case.id, offices=season.offices, reason="测试理由")
        assert next_case(session, YEAR, Asked(), beside=case.id) is None
        assert [row.claimed_name for row in queue(session, YEAR, Asked()).rows] == ["测试online员"]
        assert queue(session, YEAR, Asked(claimed=Claimed.MINE)).rows == []


def test_a_claim_is_taken_over_on_the_record_and_ends_by_time_or_decision(season: Season) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session:
        claims.claim(session, case.id)
        assert [row.id for row in queue(session, YEAR, Asked(claimed=Claimed.MINE)).rows] == [case.id]
    with season.as_office(CITY, "second") as session:
        claims.claim(session, case.id, take_over=True)
    with season.as_auditor() as session:
        taken = session.scalars(text("SELECT kind FROM record_entries WHERE kind = 'case.taken_over'")).all()
    assert len(taken) == 1
    season.now += claims.LASTS
    with season.as_office(CITY) as session:
        assert claims.holder(session, case.id) is None
        claims.claim(session, case.id)
        service.reject(session, case.id, offices=season.offices, reason="测试理由")
        assert claims.holder(session, case.id) is None


def test_a_claim_is_given_back_and_only_who_has_the_case_in_hand_claims_it(season: Season) -> None:
    case, delegated = season.at_office(), season.at_office(COUNTY)
    with season.as_office(CITY) as session:
        claims.claim(session, case.id)
        claims.release(session, case.id)
        assert claims.holder(session, case.id) is None
        with pytest.raises(Forbidden, match="不由您所在机构"):
            claims.claim(session, delegated.id)
    with season.as_office(OTHER_CITY) as session, pytest.raises(NotFound):
        claims.claim(session, case.id)


def test_of_many_decisions_each_stands_by_itself_and_may_be_sent_again(season: Season) -> None:
    clear, asking, gone = season.at_office(), season.at_office(filled=uncertain()), season.at_office()
    with season.as_office(CITY) as session:
        season.settle(session, clear)
        service.reject(session, gone.id, offices=season.offices, reason="测试理由")
    seen = [Seen(case.id, season.look(case).version) for case in (clear, asking)] + [Seen(gone.id, 2)]

    def decide() -> dict[object, Decided]:
        with season.as_office(CITY, "second") as session:
            made = decide_each(
                session,
                seen,
                Action.APPROVE,
                lambda case_id, version: service.approve(
                    session, case_id, offices=season.offices, items=each_item(session, case_id), version=version
                ),
            )
        return {decided.application_id: decided for decided in made}

    first, again = decide(), decide()
    for made in (first, again):
        assert made[clear.id].refusal is None
        assert [made[case.id].refusal is None for case in (asking, gone)] == [False, False]
        assert "未核实" in str(made[asking.id].refusal.detail)  # type: ignore[union-attr]
    assert season.look(clear).state == State.QUALIFIED
    assert season.look(asking).state == State.QUALIFICATION_REVIEW
    assert len([move for move in season.story(clear) if move.from_state == State.QUALIFICATION_REVIEW]) == 1


def test_the_next_reviewer_sees_what_was_changed_since_the_return(season: Season) -> None:
    case = season.submitted()
    with season.as_unit(case.unit) as session:
        items = [
            ItemVerdict("first_job_year", faulty=True, reason_code="differs_from_file"),
            ItemVerdict("photo", faulty=True, reason_code="unreadable"),
        ]
        service.return_for_correction(
            session, case.id, offices=season.offices, reason="请更正", items=each_item(session, case.id, but=items)
        )
    before = answers()["first_job_year"]
    season.now += timedelta(hours=1)
    season.save(case, answers(first_job_year=before - 1))
    season.upload(case, "photo")
    season.submit(case)
    with season.as_unit(case.unit) as session:
        application = season.look(case)
        found = changes.since_the_return(session, application)
        assert changes.replaced_papers(session, application) == {"photo"}
    assert [(change.item, change.before, change.now) for change in found] == [("first_job_year", before, before - 1)]


def _set_due(season: Season, case: Case, due: object) -> None:
    with season.as_office(CITY) as session:
        session.execute(text("UPDATE applications SET due_at = :due WHERE id = :id"), {"due": due, "id": case.id})
