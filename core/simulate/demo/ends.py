"""Ends of a season in cities of the demonstration: a list before the public, certificates on their way, a year closing.

One city answers objections to its list. Another has handed its certificates over: of one nobody has come, one is in
force again under another number, one was revoked. The center brings last year to its end.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import select

from core.db.session import ANONYMOUS, ProvinceSession, PublicSession
from core.oversight.years.acts import enter_phase
from core.plugin_api import Grade, OfficeCode
from core.results.archive import handover
from core.results.awards import certificates, objections, publication, reissues, striking
from core.results.awards.certificate_life import Ground
from core.results.awards.list_queries import objections_of
from core.results.awards.objections import Objector
from core.results.ledger import queries as ledger, service as handouts
from core.results.models.awards import Certificate, Striking
from core.results.models.ledger import CertificateBatch, CertificateBatchItem
from core.sanctions import cases as sanctions
from core.sanctions.cases import Measures
from core.seasons.phases import Phase
from core.simulate import results
from core.simulate.demo import awards
from core.simulate.demo.crowd import Crowd
from core.simulate.world import World

_FIVE: Final = frozenset({Grade.FIVE})
_MOVED: Final = "该人员去年已调离申报岗位（模拟）"
_STAYS: Final = "该人员的工作年限不足（模拟）"
_Step = Callable[[World, OfficeCode], None]


def end_seasons(world: World, crowd: Crowd, *, publishing: OfficeCode, certifying: OfficeCode, year: int) -> None:
    """Put the ends of two cities' exams, and that of an earlier ``year``, on the agenda."""
    morning = world.day(3, 24, 10)
    sat: tuple[tuple[datetime, _Step], ...] = (
        (world.day(3, 24, 9), partial(awards.examine, {morning: _FIVE})),
        (morning, partial(awards.arrive_at, 0)),
        (world.day(3, 24, 18), awards.end),
        (world.day(3, 24, 19), awards.take_marks),
    )
    listed: tuple[tuple[datetime, _Step], ...] = (
        (world.day(3, 26, 20), partial(awards.publish, _FIVE)),
        (world.day(3, 26, 21), _object),
        (world.day(3, 26, 22), partial(_propose, 1, 0)),
        (world.day(4, 1, 9), _answer),
        (world.day(4, 1, 10), partial(_propose, 3, None)),
    )
    issued: tuple[tuple[datetime, _Step], ...] = (
        (world.day(3, 24, 20), partial(awards.publish, _FIVE)),
        (world.day(4, 1, 9), _issue),
        (world.day(4, 1, 10), _hand_over),
        (world.day(4, 1, 11), partial(_reissue, crowd)),
        (world.day(4, 1, 14), partial(_revoke, crowd)),
        (world.day(4, 1, 15), _give_for_files),
    )
    for office, steps in ((publishing, (*sat, *listed)), (certifying, (*sat, *issued))):
        for moment, step in steps:
            world.at(moment, partial(step, world, office))
    world.at(world.day(3, 10, 9), partial(_begin_to_close, world, year))
    world.at(world.day(4, 1, 13), partial(_propose_to_close, world, year))


def _object(world: World, office: OfficeCode) -> None:
    """Two people write, each about a line of the list."""
    platform = world.platform
    with world.office(office, "supervisor") as session:
        (listed,) = [made.id for made in results.publications_out(session, world.year)]
    for position, grounds, number in ((1, _MOVED, "1"), (2, _STAYS, "2")):
        with PublicSession(platform.engine, actor=ANONYMOUS, now=world.clock()) as anybody, anybody.begin():
            objector = Objector(f"测试来信人{number}", f"1990000000{number}")
            objections.object_to(
                anybody, listed, grounds=grounds, objector=objector, keys=platform.keys, position=position
            )


def _propose(position: int, objection: int | None, world: World, office: OfficeCode) -> None:
    """An officer proposes to strike a line, because of the ``objection`` with this place among all or of their own."""
    table = world.platform.offices.config(office).awards
    with world.office(office) as session:
        (listed,) = results.publications_out(session, world.year)
        about = None if objection is None else objections_of(session, listed)[objection].id
        striking.propose(session, listed.id, position, reason=_MOVED, awards=table, objection_id=about)


def _answer(world: World, office: OfficeCode) -> None:
    """A second officer strikes the line that the first objection is about, and dismisses the other."""
    keys = world.platform.keys
    with world.office(office, "supervisor") as session:
        (listed,) = results.publications_out(session, world.year)
        proposed = session.scalars(select(Striking.id).where(Striking.office_id == office)).one()
        striking.strike(session, proposed, remark="经核查属实（模拟）", keys=keys)
        (open_one,) = [one for one in objections_of(session, listed) if one.state == "open"]
        objections.dismiss(session, open_one.id, reason="经核对人事档案，工作年限符合条件（模拟）", keys=keys)


def _issue(world: World, office: OfficeCode) -> None:
    platform = world.platform
    with world.office(office, "supervisor") as session:
        (listed,) = [made.id for made in results.publications_out(session, world.year)]
        publication.close(session, listed, notice_number=f"模拟〔{world.year}〕1号")
        certificates.issue(session, listed, offices=platform.offices, paper_keys=platform.paper_keys)


def _hand_over(world: World, office: OfficeCode) -> None:
    """A batch of each unit: of the largest somebody has signed and a paper came back, others wait, the last is made."""
    with world.office(office) as session:
        made = handouts.make_batches(session, world.year, [of.unit_id for of in ledger.in_stock(session, world.year)])
        entries = {handout.id: ledger.batch_entries(session, handout.id) for handout in made}
        largest, *handed, _ = sorted(entries, key=lambda handout: -len(entries[handout]))
        for handout in (largest, *handed):
            handouts.hand_over(session, handout, receiver="模拟经办人")
        signed, back, *_ = [entry.certificate_id for entry in entries[largest]]
        handouts.note_received(session, largest, [signed])
        handouts.note_returned(session, largest, [back], reason="本人休长假，无人代领（模拟）")


def _give_for_files(world: World, office: OfficeCode) -> None:
    """Units get the papers for the personnel files: one still has to receive them, another gives them back."""
    with world.office(office) as session:
        handed = [line for line in ledger.batches(session, world.year) if line.batch.handed_at and line.batch.unit_id]
        waits = next(line.batch.unit_id for line in handed if line.waiting)
        done = next(line.batch.unit_id for line in handed if not line.waiting)
        lists = handover.hand_to_units(session, world.year, [unit for unit in (waits, done) if unit])
        (back,) = [made.id for made in lists if made.unit_id == done]
    (manager,) = (unit.manager for unit in world.units if unit.id == done)
    with world.unit(manager) as at_unit:
        handover.return_to_office(at_unit, back, reason="缺一人的申报表（模拟）")


def _reissue(crowd: Crowd, world: World, office: OfficeCode) -> None:
    """Whoever has received their certificate has lost it, and another takes its place."""
    platform = world.platform
    held = _held(world, office, "received")
    with crowd.by_id(held.application_id).as_person() as session:
        asked = reissues.ask(session, held.id, ground=Ground.LOST, reason="搬家时遗失（模拟）").id
    with world.office(office) as session:
        reissues.support(session, asked)
    with world.office(office, "supervisor") as session:
        reissues.grant(session, asked, offices=platform.offices, paper_keys=platform.paper_keys)


def _revoke(crowd: Crowd, world: World, office: OfficeCode) -> None:
    """A false paper comes to light; the center upholds the decision, which takes the certificate back."""
    offices = world.platform.offices
    accused = _held(world, office, "waiting").application_id
    with world.office(office) as session:
        found = sanctions.propose(session, accused, facts="工作年限证明系伪造（模拟）").id
    with world.office(office, "supervisor") as session:
        sanctions.hear(session, found, words="经初步核查，决定立案", offices=offices)
    with crowd.by_id(accused).as_person() as session:
        sanctions.state(session, found, words="证明由单位代开，本人不知情（模拟）", finished=True)
    with world.office(office, "supervisor") as session:
        sanctions.decide(session, found, words="伪造属实", measures=Measures(), offices=offices)
    with crowd.by_id(accused).as_person() as session:
        sanctions.appeal(session, found, words="请求从轻处理（模拟）")
    with world.center() as session:
        sanctions.uphold(session, found, words="事实清楚，处理适当", offices=offices)


def _held(world: World, office: OfficeCode, paper: str) -> Certificate:
    """The first certificate of the season whose paper, handed over to a unit, is in this state."""
    wanted = (
        select(Certificate)
        .join(CertificateBatchItem, CertificateBatchItem.certificate_id == Certificate.id)
        .join(CertificateBatch, CertificateBatch.id == CertificateBatchItem.batch_id)
        .where(Certificate.office_id == office, Certificate.year == world.year)
        .where(CertificateBatchItem.state == paper, CertificateBatch.handed_at.is_not(None))
    )
    with world.office(office, "supervisor") as session:
        found = session.scalars(wanted.order_by(Certificate.number).limit(1)).one()
        session.expunge(found)
    return found


def _begin_to_close(world: World, year: int) -> None:
    with world.center() as session:
        enter_phase(session, year, Phase.CLOSING, effective=None, reason="证书基本发放完毕（模拟）")


def _propose_to_close(world: World, year: int) -> None:
    """Another officer of the center proposes to close the year with what is left; the second has to confirm it."""
    actor = world.staff[world.province]["online"]
    with ProvinceSession(world.platform.engine, actor=actor, now=world.clock()) as session, session.begin():
        enter_phase(session, year, Phase.CLOSED, effective=None, reason="余下事项由各机构按个案办结（模拟）")
