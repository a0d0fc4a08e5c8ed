"""At the counter: a scanned code leads to its batch, and originals are taken and given back in bulk, but some."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db.session import SystemSession, system_actor
from core.domain.workflow import Action
from core.errors import Conflict, Invalid, NotFound
from core.messages.models import Notice
from core.reviews import originals
from core.reviews.models import Roster
from core.reviews.onsite import close_batch, hand_in_batch, receive_batch
from core.reviews.onsite_day import counter
from core.reviews.rosters import RosterKind, make_roster
from tests.entrusted import Entrusted
from tests.linshui import HEYUAN, QINGHE, YEAR

FROM = "测试单位经办人"


def _cases(world: Entrusted, count: int) -> list[UUID]:
    cases = [world.case() for _ in range(count)]
    for case in cases:
        world.act(QINGHE, case, Action.APPROVE)
    return cases


def _roster(world: Entrusted) -> Roster:
    with world.unit() as session:
        return make_roster(session, RosterKind.ONSITE, YEAR)


def _batch(world: Entrusted, *, received: bool = True) -> UUID:
    roster = _roster(world).id
    with world.unit() as session:
        batch = hand_in_batch(session, roster, stamped_scan_sha256="ab" * 32).id
    if received:
        with world.officer(QINGHE) as session:
            receive_batch(session, batch)
    return batch


def _find(world: Entrusted, text: str) -> counter.Found:
    with world.officer(QINGHE) as session:
        return counter.find(session, text)


def test_the_code_on_the_roster_its_digest_and_the_receipt_lead_to_the_batch(world: Entrusted) -> None:
    _cases(world, 1)
    batch, roster = _batch(world), _roster(world)
    code = f"需现场审查人员名册表 {YEAR} 第1版 {roster.digest}"
    with world.officer(QINGHE) as session:
        receipt = counter.batch_of(session, batch).receipt_number
    assert receipt is not None
    for text in (code, roster.digest.upper(), f" {receipt} ", "测试单位（linshui/qinghe/heyuan）"):
        assert (_find(world, text).batch_id, _find(world, text).said) == (batch, "")
    with pytest.raises(Invalid):
        _find(world, " ")
    assert "没有找到" in _find(world, "没有的单位").said


def test_an_old_edition_leads_to_the_batch_of_the_new_one_and_says_so(world: Entrusted) -> None:
    _cases(world, 1)
    old = _roster(world)
    assert "还没有在网上提交" in _find(world, old.digest).said
    _cases(world, 1)
    new = _roster(world)
    assert "已有新版" in _find(world, old.digest).said
    batch = _batch(world, received=False)
    found = _find(world, old.digest)
    assert (found.batch_id, "第1版" in found.said, "第2版" in found.said) == (batch, True, True)
    assert (_find(world, new.digest).batch_id, _find(world, new.digest).said) == (batch, "")


def test_a_roster_of_another_office_leads_nowhere(world: Entrusted) -> None:
    _cases(world, 1)
    roster = _roster(world)
    with world.officer(HEYUAN) as session:
        found = counter.find(session, roster.digest)
    assert (found.batch_id, "应到哪个机构" in found.said) == (None, True)


def test_originals_are_taken_in_bulk_but_those_of_some_and_none_twice(world: Entrusted) -> None:
    first, second, third = _cases(world, 3)
    batch = _batch(world)
    titles = ["居民身份证", " 职业资格证书 ", ""]
    with world.officer(QINGHE) as session:
        made = counter.receive_all(session, batch, titles=titles, but={third}, received_from=FROM)
        assert (made.done, made.refused) == (4, [])
        again = counter.receive_all(session, batch, titles=titles, but=set(), received_from=FROM)
        assert again.done == 2
    with world.officer(QINGHE) as session:
        held = originals.held_originals(session, application_ids=[first, second])
        kept = held[0].id
        assert counter.return_all(session, batch, but={kept}, returned_to=FROM) == 5
        assert [paper.id for paper in originals.held_originals(session)] == [kept]


def test_a_case_that_has_been_decided_is_named_and_the_others_go_on(world: Entrusted) -> None:
    first, _ = _cases(world, 2)
    batch = _batch(world)
    world.act(QINGHE, first, Action.CONFIRM)
    with world.officer(QINGHE) as session:
        made = counter.receive_all(session, batch, titles=["居民身份证"], but=set(), received_from=FROM)
    assert (made.done, [why for _, why in made.refused]) == (
        1,
        ["本案目前不在审查环节，不需要收取原件。请将原件当场退还。"],
    )


@pytest.mark.parametrize(
    ("titles", "source", "code"), [([" "], FROM, "title_required"), (["居民身份证"], " ", "reason_required")]
)
def test_bulk_without_a_title_or_a_bringer_is_refused(
    world: Entrusted, titles: list[str], source: str, code: str
) -> None:
    _cases(world, 1)
    batch = _batch(world)
    with world.officer(QINGHE) as session, pytest.raises(Invalid) as refusal:
        counter.receive_all(session, batch, titles=titles, but=set(), received_from=source)
    assert refusal.value.code == code


def test_a_missing_person_is_noted_told_and_cleared(world: Entrusted) -> None:
    case, _ = _cases(world, 2)
    batch = _batch(world, received=False)
    with world.officer(QINGHE) as session, pytest.raises(Conflict):
        counter.note_missing(session, batch, case, remark="本人未到")
    with world.officer(QINGHE) as session:
        receive_batch(session, batch)
        counter.note_missing(session, batch, case, remark="本人未到")
        assert counter.missing_of(session, batch) == {case: "本人未到"}
        with pytest.raises(NotFound):
            counter.note_missing(session, batch, world.unit_id, remark="本人未到")
    with world.unit() as session:
        told = session.scalars(select(Notice.body).where(Notice.kind == "onsite_missing")).all()
    assert ["本人未到" in body for body in told] == [True]
    with world.officer(QINGHE) as session:
        counter.note_missing(session, batch, case, remark="")
        assert counter.missing_of(session, batch) == {}


def test_a_lost_original_is_told_lets_the_batch_close_and_goes_back_where_it_is_found(world: Entrusted) -> None:
    (case,) = _cases(world, 1)
    batch = _batch(world)
    with world.officer(QINGHE) as session:
        counter.receive_all(session, batch, titles=["技师证书"], but=set(), received_from=FROM)
    world.act(QINGHE, case, Action.CONFIRM)
    with world.officer(QINGHE) as session:
        (paper,) = originals.held_originals(session)
        with pytest.raises(Invalid):
            originals.note_loss(session, paper.id, remark=" ")
        originals.note_loss(session, paper.id, remark="已登报声明，由本机构出具证明")
        with pytest.raises(Conflict):
            originals.note_loss(session, paper.id, remark="再次登记")
        told = session.scalars(select(Notice.body).where(Notice.kind == "original.lost")).all()
        assert ["由本机构出具证明" in body for body in told] == [True]
        assert close_batch(session, batch).state == "closed"
    with world.officer(QINGHE) as session:
        assert originals.return_original(session, paper.id, returned_to="测试申报人").returned_to == "测试申报人"


def test_an_office_that_holds_originals_too_long_is_reminded_once_a_week(world: Entrusted) -> None:
    _cases(world, 1)
    batch = _batch(world)
    with world.officer(QINGHE) as session:
        counter.receive_all(session, batch, titles=["技师证书"], but=set(), received_from=FROM)

    def remind() -> int:
        with SystemSession(world.connection, actor=system_actor(QINGHE), now=world.now) as session, session.begin():
            counter.remind_of_originals(session)
            return len(session.scalars(select(Notice.id).where(Notice.kind == "original.held")).all())

    assert remind() == 0
    world.now += timedelta(days=16)
    assert [remind(), remind()] == [1, 1]
    world.now += timedelta(days=7)
    assert remind() == 2
