"""A case's story: every kind of act is a sentence with who, for whom, where and why, and its place in the record."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import event

from core.applications import reveals
from core.audit.events import EVENTS
from core.audit.models import RecordSeal
from core.audit.sealing import seal_batch
from core.audit.service import record
from core.db.session import ScopedSession
from core.errors import NotFound
from core.identity.reveals import Ground, PersonalField, Why
from core.oversight.case_history import INSIDE, StoryLine, tell_story
from core.plugin_api import OfficeCode
from core.reviews import originals, service as reviews
from tests.cases import CITY, COUNTY, KEYS, OTHER_CITY, RECORD_KEYS, Case, Season, at, uncertain


@pytest.fixture
def case(season: Season) -> Case:
    """A case that the county decided for the city, with everything that can happen to one on the way."""
    made = season.at_office(COUNTY, uncertain())
    season.now = at(3, 26)
    season.approve_at_office(made, COUNTY)
    return made


def told(season: Season, case: Case, office: OfficeCode = CITY) -> list[StoryLine]:
    with season.as_office(office) as session:
        return tell_story(session, case.id)


def sentences(lines: list[StoryLine], event: str) -> list[str]:
    return [line.sentence for line in lines if line.event == event]


def test_a_decision_says_who_in_which_role_where_from_what_to_what_and_when(season: Season, case: Case) -> None:
    (decided,) = [line for line in told(season, case) if line.event == "application.approve" and line.at == at(3, 26)]
    assert (decided.who, decided.role, decided.place) == ("测试online员", "县（市）审查人员", "河源市考核办")
    assert decided.sentence.startswith("河源市考核办县（市）审查人员测试online员：审核通过，由“待资格审查”到“")


def test_the_course_is_told_in_the_order_of_time(season: Season, case: Case) -> None:
    lines = told(season, case)
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    events = [line.event for line in lines if line.event != "notice"]
    assert events[0] == "application.drafted"
    assert {"document.uploaded", "application.submit", "application.approve", "case.transferred"} <= set(events)
    assert sentences(lines, "document.uploaded") == [
        "申报人测试甲0001：上传材料，“居民身份证”（identity_card.png）。",
        "申报人测试甲0001：上传材料，“近期免冠照片”（photo.jpg）。",
        "申报人测试甲0001：上传材料，“转正定级材料”（regularisation.png）。",
    ]
    assert all(sentence.startswith("清河市考核办发出通知：") for sentence in sentences(lines, "notice"))
    assert sentences(lines, "notice")


def test_a_transfer_names_the_office_and_the_instrument(season: Season, case: Case) -> None:
    (moved,) = sentences(told(season, case), "case.transferred")
    assert "移交河源市考核办，依据" in moved


def test_a_settled_finding_has_its_text_and_its_reason(season: Season, case: Case) -> None:
    settled = sentences(told(season, case), "finding.settled")
    assert settled
    assert all("认定为符合。理由：已核对人事档案。" in line for line in settled)


def test_an_original_is_told_from_hand_to_hand(season: Season) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session:
        held = originals.receive_original(session, case.id, title="毕业证书", received_from="测试甲")
        originals.return_original(session, held.id, returned_to="测试乙")
    lines = told(season, case)
    assert "“毕业证书”，交件人测试甲" in sentences(lines, "original.received")[0]
    assert "“毕业证书”，领取人测试乙" in sentences(lines, "original.returned")[0]


def test_an_act_for_a_colleague_is_told_with_both_names(season: Season) -> None:
    case = season.at_office()
    absent, present = season.officer(CITY, "absent"), season.officer(CITY, "present")
    with season.as_office(CITY, actor=absent) as session:
        season.settle(session, case)
        reviews.reject(session, case.id, offices=season.offices, reason="申报工种与岗位不一致")
    with season.as_office(CITY, actor=replace(present, on_behalf_of=absent.account_id)) as session:
        record(session, "document.downloaded", **about(case, document=UUID(int=1), material="photo"))
    (line,) = [line for line in told(season, case) if line.event == "document.downloaded"]
    assert (line.role, line.on_behalf_of) == ("市级审查人员", "测试absent员")
    assert line.sentence.startswith("清河市考核办市级审查人员 代 测试absent员：查看材料")
    (rejected,) = [line for line in told(season, case) if line.event == "application.reject"]
    assert rejected.reason == "申报工种与岗位不一致"


def about(case: Case, **payload: object) -> dict[str, object]:
    return {"office_id": CITY, "subject_type": "application", "subject_id": case.id, "payload": payload}


def test_a_number_that_was_shown_in_full_is_told_with_its_reason(season: Season, case: Case) -> None:
    with season.as_office(CITY) as session:
        why = Why(Ground.OTHER, "与人事档案核对")
        reveals.reveal(session, case.id, field=PersonalField.ID_NUMBER, why=why, most=9, keys=KEYS)
    assert sentences(told(season, case), "person.revealed")[0].endswith("理由：与人事档案核对。")


def test_each_line_has_its_place_in_the_record_once_it_is_sealed(season: Season, case: Case) -> None:
    assert {line.batch for line in told(season, case)} == {None}
    for office in (CITY, COUNTY):
        with season.as_system(office) as session:
            seal_batch(session, RECORD_KEYS)
    lines = [line for line in told(season, case) if line.entry_id is not None]
    with season.as_auditor() as auditor:
        for line in lines:
            seal = auditor.get_one(RecordSeal, line.entry_id)
            assert (line.batch, line.position) == (seal.batch, seal.position)


def test_acts_of_supervision_are_not_told_to_applicant_and_unit(season: Season, case: Case) -> None:
    with season.as_office(CITY) as session:
        for kind in INSIDE:
            payload = {"document": UUID(int=1), "material": "photo"} if kind.startswith("document") else {}
            record(session, kind, **about(case, **payload))
    assert {line.event for line in told(season, case)} >= INSIDE
    with season.as_person(case.person) as person:
        assert not {line.event for line in tell_story(person, case.id)} & INSIDE
    with season.as_unit(case.unit) as unit:
        assert not {line.event for line in tell_story(unit, case.id)} & INSIDE


def test_another_offices_case_has_no_story(season: Season, case: Case) -> None:
    with season.as_office(OTHER_CITY) as session, pytest.raises(NotFound):
        tell_story(session, case.id)


def test_a_reading_by_the_center_is_the_next_line(season: Season, case: Case) -> None:
    with season.as_province() as province:
        tell_story(province, case.id)
    with season.as_auditor() as auditor:
        roles = [line.role for line in tell_story(auditor, case.id) if line.event == "application.inspected"]
    assert roles == ["省中心经办人员"]
    assert len(sentences(told(season, case), "application.inspected")) == 1


def test_a_story_is_told_after_its_texts_were_erased(season: Season, case: Case) -> None:
    with season.as_office(CITY) as session:
        gone = {"move": UUID(int=1), "settlement": UUID(int=1), "document": UUID(int=1), "material": "photo"}
        more = {"original": UUID(int=1), "deferral": UUID(int=1), "to": "nowhere", "delegation": None, "reveal": ""}
        kinds = ["application.return", "finding.settled", "original.received", "deferral.committed"]
        for kind in kinds:
            left = {
                name: value for name, value in {**gone, **more}.items() if kind.startswith("appl") or name != "move"
            }
            record(session, kind, **about(case, **left))
    told_now = {line.event: line.sentence for line in told(season, case)}
    assert all(told_now[kind].endswith(f"：{EVENTS[kind].label}。") for kind in kinds)


def test_a_long_story_takes_no_more_statements_than_a_short_one(season: Season) -> None:
    short, long = season.draft(), season.at_office(COUNTY)
    season.approve_at_office(long, COUNTY)
    counts = []
    for case in (short, long):
        with season.as_person(case.person) as session:
            counts.append(statements(session, case))
    assert counts[0] == counts[1]


def statements(session: ScopedSession, case: Case) -> int:
    """How many statements the story takes."""
    seen: list[str] = []
    listen = lambda *one: seen.append(one[2])  # noqa: E731 - to be removed by the same name
    event.listen(session.connection(), "before_cursor_execute", listen)
    tell_story(session, case.id)  # type: ignore[arg-type]
    event.remove(session.connection(), "before_cursor_execute", listen)
    return len(seen)
