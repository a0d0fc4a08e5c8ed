"""A unit's statement of its vacant posts and its policy of appointment, and how its applicants read it."""

from typing import Any
from uuid import UUID

from litestar import Response
from sqlalchemy import select

from core.applications.models import Application
from core.db.session import PersonSession, UnitSession
from core.errors import Invalid, NotFound
from core.organizations.models import PostStatement, Unit
from core.pages.season import season_asked
from core.plugin_api import Grade
from core.seasons.posts import MOST_POSTS, state_posts, statement_of, vacant_by_grade
from core.text.form_texts import whole_number
from core.web.dependencies import OfUnit
from core.web.guards import UNITS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

_AT = "/unit/posts"
_GRADES = tuple(sorted(Grade, reverse=True))


@page(_AT, roles=UNITS)
def posts_page(request: AnyRequest, session: OfUnit) -> Response[str]:
    """What the unit has stated for the season; a department chooses one of its units."""
    return _show(request, session, _unit(session, request.query_params.get("unit")))


@form(_AT, roles=UNITS)
def keep_posts(request: AnyRequest, session: OfUnit, data: Sent) -> Response[Any]:
    """State the posts in place of what was stated before."""
    unit, year = _unit(session, data.get("unit")), season_asked(request, session).year
    with attempt(request, session) as tried:
        state_posts(session, unit.id, year, vacant=_vacant(data), policy=str(data.get("policy") or ""))
        return see(f"{_AT}?unit={unit.id}&kept=1")
    return _show(request, session, unit, tried=tried, given=data)


def posts_shown(session: PersonSession | UnitSession, application: Application) -> dict[str, Any] | None:
    """The statement of an application's unit, for the page on which the grade is chosen; None where there is none."""
    statement = statement_of(session, application.unit_id, application.year)
    if statement is None:
        return None
    return {
        "unit": application.unit_name,
        "vacant": [(grade.label, f"空缺{count}个") for grade, count in vacant_by_grade(statement).items()],
        "policy": statement.policy,
        "stated_at": statement.stated_at,
    }


def _unit(session: UnitSession, asked: Any) -> Unit:
    """The unit that is asked for, or the actor's own; NotFound for one that is not theirs."""
    try:
        unit_id = UUID(str(asked)) if asked else session.unit_id
    except ValueError:
        unit_id = None
    if unit_id not in session.unit_ids:
        raise NotFound("unit_not_found", "没有找到该单位。请核对后重试。")
    return session.get_one(Unit, unit_id)


def _vacant(data: dict[str, Any]) -> dict[Grade, int]:
    """The numbers as sent; Invalid, at their fields, for anything that is no number. An empty field states nothing."""
    sent = {grade: str(data.get(f"vacant_{int(grade)}") or "").strip() for grade in _GRADES}
    read = {grade: whole_number(written) for grade, written in sent.items() if written}
    wrong = {f"vacant_{int(grade)}": "请填写整数" for grade, number in read.items() if number is None}
    if wrong:
        raise Invalid("vacant_posts", f"空缺岗位数应为0到{MOST_POSTS}之间的整数，请改正。", fields=wrong)
    return {grade: number for grade, number in read.items() if number is not None}


def _show(
    request: AnyRequest,
    session: UnitSession,
    unit: Unit,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    year = season_asked(request, session).year
    statement = statement_of(session, unit.id, year)
    held = {} if statement is None else {int(grade): n for grade, n in vacant_by_grade(statement).items()}
    values = {f"vacant_{int(grade)}": held.get(int(grade), "") for grade in _GRADES}
    values["policy"] = "" if statement is None else statement.policy
    sent = {} if given is None else {name: given.get(name, "") for name in values}
    units = session.scalars(
        select(Unit).where(Unit.id.in_(session.unit_ids), Unit.ended_at.is_(None)).order_by(Unit.name)
    ).all()
    stated = set(
        session.scalars(
            select(PostStatement.unit_id).where(PostStatement.unit_id.in_(session.unit_ids), PostStatement.year == year)
        )
    )
    return render(
        request,
        session,
        "organizations/posts.html",
        tried=tried,
        unit=unit,
        units=units,
        stated=stated,
        statement=statement,
        grades=[(f"vacant_{int(grade)}", grade.label) for grade in _GRADES],
        values=values | sent,
        kept=bool(request.query_params.get("kept")),
        year=year,
    )
