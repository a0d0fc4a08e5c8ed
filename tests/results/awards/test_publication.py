"""Lists of those who passed: who stands on one, for how long it is out, what it locks, and objections to it."""

from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from core.audit.models import RecordEntry
from core.db.base import new_id
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.identity.models import Reveal
from core.identity.reveals import Ground, Why
from core.messages.models import Notice
from core.plugin_api import Grade, OfficeCode
from core.results.awards import objections, publication
from core.results.awards.objections import Objector
from core.results.models.awards import Objection, Publication, PublicationEntry
from core.results.models.marks import Outcome
from tests.cases import CITY, KEYS, OTHER_CITY, YEAR, Season, at
from tests.results.awards.awarded import CLOSING, closed, drafted, passed, published, struck
from tests.sanctioned import disqualified

SOMEBODY = Objector("测试举报人", "13800000009")


def object_to(season: Season, listed: Publication, *, position: int | None = 1) -> str:
    with season.as_public() as session:
        return objections.object_to(
            session, listed.id, grounds="履历不实（测试）", objector=SOMEBODY, keys=KEYS, position=position
        )


def the_objection(season: Season) -> Objection:
    with season.as_office(CITY, "supervisor") as session:
        return session.scalars(select(Objection)).one()


def test_a_draft_lists_candidates_who_passed_and_stand_on_no_list(season: Season) -> None:
    ours = [passed(season), passed(season)]
    passed(season, passes=False)
    passed(season, grade=Grade.FOUR)
    first = drafted(season)
    with season.as_office(CITY, "supervisor") as session:
        lines = session.execute(
            select(PublicationEntry.position, PublicationEntry.application_id).order_by(PublicationEntry.position)
        ).all()
        assert [tuple(line) for line in lines] == [(1, ours[0].id), (2, ours[1].id)]
        assert (first.version, first.entry_count, first.state) == (1, 2, "draft")
        publication.publish(session, first.id)
    late = passed(season)
    second = drafted(season)
    assert (second.version, second.entry_count) == (2, 1)
    with season.as_office(CITY, "supervisor") as session:
        assert session.get_one(PublicationEntry, (second.id, late.id)).position == 1


def test_only_its_office_sees_a_draft_and_can_discard_it(season: Season) -> None:
    case = passed(season)
    made = drafted(season)
    for look in (season.as_public(), season.as_person(case.person), season.as_office(OTHER_CITY)):
        with look as session:
            assert session.get(Publication, made.id) is None
    with pytest.raises(Conflict, match="尚未公示"):
        drafted(season)
    with season.as_office(CITY, "supervisor") as session:
        publication.discard(session, made.id)
    assert drafted(season).version == 1


def test_publishing_tells_the_candidates_and_locks_their_outcomes(season: Season) -> None:
    winner, loser = passed(season), passed(season, passes=False)
    listed = published(season)
    assert listed.ends_at == CLOSING
    for case, words in ((winner, "公示至2024年10月14日24时"), (loser, "请登录后在“成绩”中查看")):
        with season.as_person(case.person) as session:
            notice = session.scalars(select(Notice).where(Notice.kind == "results_published")).one()
            assert words in notice.body
            assert session.get_one(Outcome, case.id).published_at == listed.published_at
    with pytest.raises(DBAPIError, match="granted correction"), season.as_office(CITY, "supervisor") as session:
        session.execute(update(Outcome).where(Outcome.application_id == loser.id).values(passed=True))


def test_a_draft_that_is_no_longer_true_is_not_published(season: Season) -> None:
    case = passed(season)
    made = drafted(season)
    disqualified(season, case)
    with pytest.raises(Conflict, match="有1人的合格认定"), season.as_office(CITY, "supervisor") as session:
        publication.publish(session, made.id)


@pytest.mark.parametrize("office", [OTHER_CITY])
def test_another_office_has_no_part_in_a_list(season: Season, office: str) -> None:
    passed(season)
    listed = published(season)
    with season.as_office(office, "supervisor") as session:  # type: ignore[arg-type]
        for act in (publication.publish, publication.discard):
            with pytest.raises(NotFound):
                act(session, listed.id)


def test_a_list_is_closed_only_after_its_period_and_once_every_objection_is_decided(season: Season) -> None:
    passed(season)
    listed = published(season)
    object_to(season, listed)
    season.now = at(10, 14, 23)
    with pytest.raises(Conflict, match="公示期尚未届满"), season.as_office(CITY, "supervisor") as session:
        publication.close(session, listed.id, notice_number="清河测试〔2024〕18号")
    season.now, raised = CLOSING, the_objection(season).id
    with season.as_office(CITY, "supervisor") as session:
        with pytest.raises(Conflict, match="还有1件异议未处理"):
            publication.close(session, listed.id, notice_number="清河测试〔2024〕18号")
        objections.dismiss(session, raised, reason="经核查，履历属实", keys=KEYS)
    with season.as_office(CITY, "supervisor") as session:
        with pytest.raises(Invalid, match="文号"):
            publication.close(session, listed.id, notice_number=" ")
        assert publication.close(session, listed.id, notice_number="清河测试〔2024〕18号").closed_at == CLOSING


def objector_of(season: Season, objection_id: UUID, office: OfficeCode = CITY, reason: str = "电话核实") -> Objector:
    with season.as_office(office, "supervisor") as session:
        return objections.reveal_objector(session, objection_id, why=Why(Ground.OTHER, reason), most=9, keys=KEYS)


def test_the_objector_is_shown_for_a_reason_that_is_kept_and_recorded(season: Season) -> None:
    passed(season)
    object_to(season, published(season))
    raised = the_objection(season).id
    with pytest.raises(Invalid, match="理由"):
        objector_of(season, raised, reason=" ")
    with pytest.raises(NotFound):
        objector_of(season, raised, OTHER_CITY)
    assert objector_of(season, raised) == SOMEBODY
    with season.as_office(CITY, "supervisor") as session:
        entry = session.scalars(select(RecordEntry).where(RecordEntry.kind == "person.revealed")).one()
        kept = session.scalars(select(Reveal)).one()
    assert (entry.subject_type, entry.subject_id, entry.payload["reveal"]) == ("objection", str(raised), str(kept.id))
    assert (kept.reason, kept.field) == ("电话核实", "phone")
    assert SOMEBODY.name not in str(entry.payload)


def test_a_sustained_objection_strikes_the_line_and_the_person_is_told(season: Season) -> None:
    case = passed(season)
    passed(season)
    listed = published(season)
    receipt = object_to(season, listed)
    raised = the_objection(season)
    assert raised.receipt == receipt
    assert objector_of(season, raised.id) == SOMEBODY
    assert b"\xe6\xb5\x8b" not in raised.contact
    struck(season, listed.id, reason="经核查，履历不实", objection=raised.id)
    with season.as_office(CITY, "supervisor") as session:
        with pytest.raises(Conflict, match="已经处理完毕"):
            objections.dismiss(session, raised.id, reason="再想想", keys=KEYS)
        assert session.get_one(PublicationEntry, (listed.id, case.id)).struck_reason == "经核查，履历不实"
    with season.as_person(case.person) as session:
        told = session.scalars(select(Notice.body).where(Notice.kind == "publication_struck")).one()
        assert "经核查，履历不实" in told


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"grounds": "  "}, Invalid),
        ({"objector": Objector("", "13800000009")}, Invalid),
        ({"objector": Objector("测试举报人", "12")}, Invalid),
        ({"position": 2}, Invalid),
    ],
)
def test_an_objection_needs_a_name_and_grounds(
    season: Season, changes: dict[str, object], refusal: type[KaowuError]
) -> None:
    passed(season)
    listed = published(season)
    said = {"grounds": "履历不实", "objector": SOMEBODY, "keys": KEYS, "position": 1} | changes
    with season.as_public() as session, pytest.raises(refusal):
        objections.object_to(session, listed.id, **said)  # type: ignore[arg-type]


def test_objections_are_taken_in_only_while_the_list_is_out_and_read_only_by_its_office(season: Season) -> None:
    passed(season)
    listed = published(season)
    object_to(season, listed)
    for look in (season.as_public(), season.as_office(OTHER_CITY, "supervisor")):
        with look as session:
            assert session.scalars(select(Objection.id)).all() == []
    season.now = CLOSING
    with pytest.raises(Conflict, match="公示期已满"):
        object_to(season, listed)
    # Nor past the service.
    said = {"id": new_id(), "office_id": CITY, "receipt": "X", "grounds": "x", "contact": b"x", "reason": ""}
    around = insert(Objection).values(publication_id=listed.id, state="open", received_at=season.now, **said)
    with pytest.raises(DBAPIError, match="row-level security"), season.as_public() as session:
        session.execute(around)


def test_only_a_supervisor_drafts_publishes_and_decides(season: Season) -> None:
    passed(season)
    awards = season.offices.config(CITY).awards
    with pytest.raises((Forbidden, DBAPIError), match="row-level security"), season.as_office(CITY) as session:
        publication.draft_list(session, YEAR, grades=[Grade.FIVE], awards=awards)


def test_postgresql_keeps_the_period_and_the_steps_of_a_list(season: Season) -> None:
    passed(season)
    listed = published(season)
    for values in ({"ends_at": at(10, 9)}, {"state": "draft", "published_at": None, "ends_at": None}):
        with pytest.raises(DBAPIError, match="keeps its period"), season.as_office(CITY, "supervisor") as session:
            session.execute(update(Publication).where(Publication.id == listed.id).values(**values))
    assert closed(season, listed.id).state == "closed"
