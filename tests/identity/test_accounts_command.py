"""`kaowu accounts`: the operator lists accounts, makes tokens, and unlocks an account."""

from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, Engine, create_engine, select

from core.audit.models import RecordEntry
from core.cli import main
from core.clock import system_clock
from core.db.database import Databases
from core.db.session import ANONYMOUS, OfficeSession, Role, SignInSession, system_actor
from core.errors import Unauthenticated
from core.identity.models import SecondFactor
from core.identity.queries import account_by_login
from core.identity.roles import actors_of
from core.identity.service import resolve_token
from core.identity.sign_in import attempts, totp
from core.identity.sign_in.hashing import Hasher
from core.identity.sign_in.passwords import current_password
from core.identity.sign_in.service import account_subject
from core.identity.sign_in.sessions import Lifetimes, Origin, open_session, resolve_session
from tests import factories
from tests.factories import CITY, KEYS, PROVINCE


@pytest.fixture
def engine(fresh_database: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A committed account, in the database that the settings name."""
    monkeypatch.setenv("KAOWU_DATABASE_URL", fresh_database.app_url)
    owner, app = create_engine(fresh_database.owner_url), create_engine(fresh_database.app_url)
    factories.load_province(owner)
    owner.dispose()
    with app.connect() as connection, connection.begin():
        _make(connection)
    yield app
    app.dispose()


def _make(connection: Connection) -> None:
    factories.make_account(connection, "linjiang.online", role=Role.CITY_REVIEWER, office_id=CITY)


def _accounts(*words: str) -> Result:
    return CliRunner().invoke(main, ["accounts", *words], env={"COLUMNS": "120"})


@pytest.mark.usefixtures("engine")
def test_the_list_shows_each_account_with_its_role_and_place() -> None:
    result = _accounts("list")
    assert result.exit_code == 0
    [line] = [line for line in result.output.splitlines() if "linjiang.online" in line]
    assert all(text in line for text in ("测试账号", "city_reviewer", CITY, "open"))


def test_a_token_signs_in_as_the_account_that_it_was_made_for(engine: Engine) -> None:
    result = _accounts("token", "linjiang.online")
    assert result.exit_code == 0
    with SignInSession(engine, actor=ANONYMOUS, now=system_clock()) as session:
        [actor] = resolve_token(session, result.output.strip())
    assert (actor.role, actor.office_id) == (Role.CITY_REVIEWER, CITY)


@pytest.mark.usefixtures("engine")
def test_an_unknown_name_is_refused_with_the_command_that_helps() -> None:
    result = _accounts("token", "nobody")
    assert result.exit_code == 1
    assert "kaowu accounts list" in result.output


def test_the_operator_issues_the_centers_first_officer_who_changes_the_password(engine: Engine) -> None:
    result = _accounts("issue-officer", "linshui.first", "测试首任")
    assert result.exit_code == 0, result.output
    with SignInSession(engine, actor=ANONYMOUS, now=system_clock()) as session:
        account = account_by_login(session, "linshui.first")
        [actor] = actors_of(session, account.id)
        held = current_password(session, account.id)
    assert (actor.role, actor.office_id) == (Role.PROVINCIAL_OFFICER, PROVINCE)
    assert held is not None
    assert held.initial
    assert Hasher().verify(held.hash, result.output.strip())


def test_a_new_password_ends_the_sessions_and_lifts_the_lock(engine: Engine) -> None:
    lifetimes = Lifetimes(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
    with SignInSession(engine, actor=ANONYMOUS, now=system_clock()) as session, session.begin():
        account_id = account_by_login(session, "linjiang.online").id
        issued = open_session(session, account_id, awaits=None, origin=Origin("", ""), lifetimes=lifetimes)
        for _ in range(4):
            attempts.reserve(session, account_subject(account_id, keys=KEYS))
    secret = _accounts("new-password", "linjiang.online").output.strip()
    with SignInSession(engine, actor=ANONYMOUS, now=system_clock()) as session:
        with pytest.raises(Unauthenticated):
            resolve_session(session, issued.token, lifetimes=lifetimes)
        held = current_password(session, account_id)
        assert held is not None
        assert Hasher().verify(held.hash, secret)
        attempts.reserve(session, account_subject(account_id, keys=KEYS))


def test_an_operator_ends_sessions_and_unlocks_and_both_are_recorded(engine: Engine) -> None:
    lifetimes = Lifetimes(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
    with SignInSession(engine, actor=ANONYMOUS, now=system_clock()) as session, session.begin():
        account_id = account_by_login(session, "linjiang.online").id
        open_session(session, account_id, awaits=None, origin=Origin("", ""), lifetimes=lifetimes)
    assert _accounts("end-sessions", "linjiang.online").output == "1 sessions ended.\n"
    assert _accounts("end-sessions", "linjiang.online").output == "0 sessions ended.\n"
    assert _accounts("unlock", "linjiang.online").exit_code == 0
    with OfficeSession(engine, actor=system_actor(CITY), now=system_clock()) as session:
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(account_id))).all()
    assert {"session.ended", "sign_in.unlocked"} <= set(kinds)


def test_a_lost_second_factor_is_taken_away_for_a_reason_on_the_record(engine: Engine) -> None:
    lost = ("remove-second-factor", "linjiang.online", "--reason")
    assert "without an authenticator app" in _accounts(*lost, "手机遗失，本人到场").output
    with SignInSession(engine, actor=ANONYMOUS, now=system_clock()) as session, session.begin():
        account_id = account_by_login(session, "linjiang.online").id
        secret = totp.begin_enrolment(session, account_id, keys=KEYS).secret
        totp.confirm_enrolment(session, account_id, pyotp.TOTP(secret).at(session.now), keys=KEYS)
    refused = _accounts(*lost, " 丢了 ")
    assert (refused.exit_code, "who asked, who checked" in refused.output) == (1, True)
    assert _accounts(*lost, "手机遗失，本人到场").exit_code == 0
    with OfficeSession(engine, actor=system_actor(CITY), now=system_clock()) as session:
        ours = RecordEntry.subject_id == str(account_id), RecordEntry.kind == "second_factor.removed"
        [entry] = session.scalars(select(RecordEntry).where(*ours)).all()
        assert entry.payload["reason"] == "手机遗失，本人到场"
        assert not session.scalar(select(SecondFactor.id).where(SecondFactor.account_id == account_id))
