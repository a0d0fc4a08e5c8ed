"""Assignment (分派) and workload by pages: the rule of an office, what each reviewer has and takes, and one case."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.clock import SHANGHAI, end_of, last_day, start_of
from core.db.session import OfficeSession
from core.errors import Invalid
from core.pages.reviews.desk_filters import asked_for, case_address
from core.pages.season import season_asked
from core.platform import Platform
from core.plugin_api import Grade
from core.reviews.assignment import service
from core.reviews.assignment.service import RULES, Duty
from core.reviews.assignment.workload import workload
from core.reviews.models import AssignmentRule
from core.seasons.trade_lists import trades_in_force
from core.text.form_texts import whole_number
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import OFFICERS, REVIEWERS
from core.web.page.form_dates import day_of
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

PAGE = "/workload"
_KINDS = [*RULES.items()]


@page(PAGE, roles=OFFICERS)
def workload_page(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[str]:
    """The cases of each reviewer with what is late, the pool, and the rule of the office."""
    return _show(request, session, platform)


@form(f"{PAGE}/rule", roles=OFFICERS)
def set_rule(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Set the rule of the office, or assign the cases of the pool by it now."""
    with attempt(request, session) as tried:
        if data.get("now"):
            given = service.distribute(session, season_asked(request, session).year)
            return see(f"{PAGE}?given={given}")
        service.set_rule(session, str(data.get("kind") or ""), _number(data, "most"))
        return see(f"{PAGE}?saved=1")
    return _show(request, session, platform, tried=tried)


@form(f"{PAGE}/hand-out", roles=OFFICERS)
def hand_out(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Assign the most urgent cases of the pool to a reviewer, by hand."""
    with attempt(request, session) as tried:
        number, grade = _number(data, "number") or 0, whole_number(data.get("grade"))
        year = season_asked(request, session).year
        given = service.hand_out(session, year, _account(data), number, grade=grade)
        return see(f"{PAGE}?given={given}")
    return _show(request, session, platform, tried=tried)


@form(f"{PAGE}/reviewers/{{account_id:uuid}}", roles=OFFICERS)
def set_duty(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, account_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Set what a reviewer takes by the rule, and a leave."""
    with attempt(request, session) as tried:
        first, last = day_of(data, "away_from"), day_of(data, "away_until")
        known = {code for code, _ in _trades(request, session, platform)}
        duty = Duty(
            takes_part=data.get("takes_part") == "true",
            grades=[int(grade) for grade in _list(data, "grades") if grade.isdecimal()],
            trades=[code for code in _list(data, "trades") if code in known],
            away_from=None if first is None else start_of(first),
            away_until=None if last is None else end_of(last),
            reason=str(data.get("reason") or ""),
        )
        service.set_duty(session, account_id, duty)
        return see(f"{PAGE}?saved=1")
    return _show(request, session, platform, tried=tried)


@form(f"{PAGE}/reviewers/{{account_id:uuid}}/cases", roles=OFFICERS)
def give_cases(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, account_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Transfer all undecided cases of a reviewer to a colleague, or put them back into the pool."""
    year = season_asked(request, session).year
    with attempt(request, session) as tried:
        if data.get("to") == "pool":
            return see(f"{PAGE}?back={service.put_back(session, year, account_id)}")
        return see(f"{PAGE}?given={service.pass_on(session, year, account_id, _account(data))}")
    return _show(request, session, platform, tried=tried)


@form("/desk/cases/{application_id:uuid}/assign", roles=REVIEWERS)
def assign_case(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, application_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Assign one case to a reviewer, or transfer it to a colleague."""
    with attempt(request, session) as tried:
        service.assign(session, [application_id], _account(data), reason=str(data.get("why_transfer") or ""))
        return see(case_address(application_id, asked_for(data)))
    return _show(request, session, platform, tried=tried)


def _show(
    request: AnyRequest, session: OfficeSession, platform: Platform, *, tried: Attempt | None = None
) -> Response[Any]:
    year = season_asked(request, session).year
    loads, pool = workload(session, year)
    rule = session.get(AssignmentRule, session.office_id)
    told = {name: whole_number(request.query_params.get(name)) for name in ("given", "back", "saved")}
    context: dict[str, Any] = {
        "loads": loads,
        "pool": pool,
        "rule": rule,
        "kinds": _KINDS,
        "grades": [(int(grade), grade.label) for grade in sorted(Grade, reverse=True)],
        "trades": _trades(request, session, platform),
        "choices": [
            (load.reviewer.account_id, f"{load.reviewer.name}（{load.cases}件）")
            for load in loads
            if load.reviewer and load.reviewer.is_there
        ],
        "told": told,
        "last_day": last_day,
        "first_day": lambda moment: moment.astimezone(SHANGHAI).date(),
    }
    return render(request, session, "reviews/workload.html", tried=tried, **context)


def _trades(request: AnyRequest, session: OfficeSession, platform: Platform) -> list[tuple[str, str]]:
    year = season_asked(request, session).year
    return [(trade.code, trade.name) for trade in trades_in_force(session, platform.offices.catalogue, year)]


def _account(data: dict[str, Any]) -> UUID:
    try:
        return UUID(str(data.get("to") or ""))
    except ValueError:
        raise Invalid("reviewer_missing", "请选择分派给谁。", at="to") from None


def _number(data: dict[str, Any], name: str) -> int | None:
    written = str(data.get(name) or "").strip()
    found = whole_number(written)
    if written and found is None:
        raise Invalid("number_unreadable", "请填写整数。", at=name)
    return found


def _list(data: dict[str, Any], name: str) -> list[str]:
    given = data.get(name) or []
    return [str(value) for value in (given if isinstance(given, list) else [given]) if value]
