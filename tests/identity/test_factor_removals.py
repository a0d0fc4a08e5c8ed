"""A second factor is taken away by two officers, neither of them its owner; the owner's code ends the proposal."""

from dataclasses import replace
from uuid import UUID, uuid4

import pyotp
import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.audit.models import RecordEntry
from core.db.session import Actor, OfficeSession, Role
from core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from core.identity import factor_removals as service
from core.identity.factor_removals import RemovalGround
from core.identity.models import FactorRemoval, SecondFactor
from core.identity.sign_in import totp
from core.messages.models import Notice
from core.plugin_api import OfficeCode
from tests import factories
from tests.cases import CITY, OTHER_CITY, PROVINCE
from tests.identity.conftest import CHOSEN, Front

LOST = {"ground": RemovalGround.PHONE_LOST, "reason": "本人持身份证到场（测试）"}


def _officer(front: Front, role: Role = Role.CITY_SUPERVISOR, office: OfficeCode = CITY) -> Actor:
    return factories.make_account(front.connection, f"officer{uuid4().hex}", role=role, office_id=office)


def _as(front: Front, actor: Actor) -> OfficeSession:
    return OfficeSession(front.connection, actor=actor, now=front.now)


def _owner(front: Front) -> tuple[UUID, str]:
    """A colleague with a second factor that counts, and its secret; a minute later."""
    account_id = front.officer("qinghe.lostapp")
    _, secret, _ = front.enrol(front.sign_in("qinghe.lostapp", CHOSEN))
    front.wait(minutes=1)
    return account_id, secret


def _proposed(front: Front, account_id: UUID, by: Actor) -> UUID:
    with _as(front, by) as session, session.begin():
        return service.propose(session, account_id, **LOST).id  # type: ignore[arg-type]


def _enrolled(front: Front, account_id: UUID) -> bool:
    return front.in_session(lambda s: totp.is_enrolled(s, account_id))


def _kinds(front: Front, account_id: UUID) -> list[str]:
    about = RecordEntry.subject_id == str(account_id)
    with _as(front, _officer(front)) as session:
        return list(session.scalars(select(RecordEntry.kind).where(about)))


def test_one_officer_proposes_another_grants_and_the_owner_is_told(front: Front) -> None:
    account_id, secret = _owner(front)
    open_session = front.code(front.sign_in("qinghe.lostapp", CHOSEN), pyotp.TOTP(secret).at(front.now))
    front.wait(minutes=1)
    first, second = _officer(front), _officer(front)
    removal = _proposed(front, account_id, first)
    assert _enrolled(front, account_id)
    front.wait(minutes=5)
    with _as(front, second) as session, session.begin():
        service.grant(session, removal)
    assert not _enrolled(front, account_id)
    with pytest.raises(Unauthenticated):
        front.resolve(open_session.token)
    with _as(front, second) as session:
        told = set(session.scalars(select(Notice.kind).where(Notice.recipient_office_id == CITY)))
    assert {"factor_removal_proposed", "factor_removed"} <= told
    assert {"second_factor.removal_proposed", "second_factor.removal_granted"} <= set(_kinds(front, account_id))
    with _as(front, second) as session, pytest.raises(Conflict):
        service.grant(session, removal)


def test_neither_the_proposer_nor_the_owner_nor_their_deputies_grant(front: Front) -> None:
    account_id, _ = _owner(front)
    first = _officer(front)
    _officer(front)
    removal = _proposed(front, account_id, first)
    owner = _officer(front)
    own = [first, _for(owner, account_id), _for(owner, first.account_id)]
    for actor in own:
        with _as(front, actor) as session, pytest.raises(Forbidden):
            service.grant(session, removal)
    assert _enrolled(front, account_id)


def _for(actor: Actor, absent: UUID) -> Actor:
    return replace(actor, on_behalf_of=absent, on_behalf_of_name="测试休假人")


def test_the_database_lets_nobody_take_a_factor_away_alone(front: Front) -> None:
    account_id, _ = _owner(front)
    first = _officer(front)
    _officer(front)
    with _as(front, first) as session, session.begin():
        gone = session.execute(delete(SecondFactor).returning(SecondFactor.account_id)).all()
    assert gone == []
    removal = _proposed(front, account_id, first)
    granted = {"state": "granted", "decided_at": front.now, "decided_by": first.account_id}
    with _as(front, first) as session, pytest.raises((DBAPIError, IntegrityError)):
        session.execute(update(FactorRemoval).where(FactorRemoval.id == removal).values(granted))
    assert _enrolled(front, account_id)


def test_the_owner_who_signs_in_with_the_factor_ends_the_proposal(front: Front) -> None:
    account_id, secret = _owner(front)
    first, second = _officer(front), _officer(front)
    removal = _proposed(front, account_id, first)
    front.code(front.sign_in("qinghe.lostapp", CHOSEN), pyotp.TOTP(secret).at(front.now))
    with _as(front, second) as session, pytest.raises(Conflict) as refused:
        service.grant(session, removal)
    assert refused.value.code == "removal_settled"
    assert "second_factor.removal_withdrawn" in _kinds(front, account_id)


def test_a_proposal_runs_out_and_may_be_made_again_and_only_one_waits(front: Front) -> None:
    account_id, _ = _owner(front)
    first, second = _officer(front), _officer(front)
    removal = _proposed(front, account_id, first)
    with _as(front, second) as session, pytest.raises(Conflict) as waits:
        service.propose(session, account_id, **LOST)  # type: ignore[arg-type]
    assert waits.value.code == "removal_waits"
    front.wait(days=3)
    with _as(front, second) as session, pytest.raises(Conflict):
        service.grant(session, removal)
    assert _proposed(front, account_id, second) != removal


def test_a_refusal_says_why_and_the_proposer_alone_takes_it_back(front: Front) -> None:
    account_id, _ = _owner(front)
    first, second = _officer(front), _officer(front)
    removal = _proposed(front, account_id, first)
    with _as(front, second) as session, session.begin():
        with pytest.raises(Forbidden):
            service.withdraw(session, removal)
        with pytest.raises(Invalid):
            service.refuse(session, removal, remark=" ")
        service.refuse(session, removal, remark="本人未到场（测试）")
        told = session.scalars(select(Notice.body).where(Notice.kind == "factor_removal_refused")).one()
    assert "本人未到场（测试）" in told
    again = _proposed(front, account_id, first)
    with _as(front, first) as session, session.begin():
        service.withdraw(session, again)
    assert _enrolled(front, account_id)


def test_the_only_officer_of_a_city_is_helped_by_the_center(front: Front) -> None:
    account_id, _ = _owner(front)
    only = _officer(front)
    removal = _proposed(front, account_id, only)
    center = _officer(front, Role.PROVINCIAL_OFFICER, PROVINCE)
    with _as(front, center) as session, session.begin():
        assert len(session.scalars(select(Notice).where(Notice.kind == "factor_removal_waits")).all()) == 1
        assert [found.id for found in service.removals(session) if service.may_decide(session, found)] == [removal]
        service.grant(session, removal)
    assert not _enrolled(front, account_id)


def test_nobody_proposes_for_themselves_without_reason_from_elsewhere_or_the_last_of_the_center(front: Front) -> None:
    account_id, _ = _owner(front)
    supervisor, elsewhere = _officer(front), _officer(front, office=OTHER_CITY)
    with _as(front, supervisor) as session:
        with pytest.raises(Forbidden):
            service.propose(session, supervisor.account_id, **LOST)  # type: ignore[arg-type]
        with pytest.raises(Invalid):
            service.propose(session, account_id, ground=RemovalGround.OTHER, reason=" ")
    with _as(front, elsewhere) as session, pytest.raises(NotFound):
        service.propose(session, account_id, **LOST)  # type: ignore[arg-type]
    with _as(front, _officer(front, Role.CITY_REVIEWER)) as session, pytest.raises(Forbidden):
        service.propose(session, account_id, **LOST)  # type: ignore[arg-type]
    assert front.connection.execute(text("SELECT count(*) FROM factor_removals")).scalar() == 0
