"""The comprehensive review by pages: quotas and panels of the office, their members and their draw."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody
from sqlalchemy import select

from core.applications.form_steps import Fields
from core.applications.queries import trades_to_choose
from core.db.session import OfficeSession, Role
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.errors import Invalid, NotFound
from core.identity.queries import account_by_login, account_lines
from core.organizations.models import Unit
from core.pages.offered_files import offered_if_chosen
from core.pages.results.marks import may
from core.pages.season import season_asked
from core.platform import Platform
from core.plugin_api import Grade
from core.results.evaluation import panels, queries, ranking, replacement, scoring, works
from core.results.evaluation.papers import conclusion
from core.results.evaluation.ranking_rules import line_of
from core.results.evaluation.scoring_rules import commits, drawn
from core.results.models.evaluation import EvaluationPanel
from core.seasons.queries import trades_of, trades_open
from core.text.form_texts import required_text, whole_number
from core.text.names import body
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import EXAM_WATCHERS, EXAMINERS, SUPERVISORS
from core.web.page.form_fields import several
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, page

PANEL_STATES = {
    "forming": ("组建中", "plain"),
    "scoring": ("评分中", "waits"),
    "closed": ("评分结束", "done"),
    "dissolved": ("已解散", "stopped"),
}
RANKING_STATES = {"proposed": ("等待确认", "waits"), "confirmed": ("已确认", "done")}


@page("/panels", roles=EXAM_WATCHERS)
def panels_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The office's panels and the quotas of its trades; ``again`` fills in the form of a panel like a dissolved one."""
    return _panels(request, session, given=_again(session, request.query_params.get("again")))


@form("/panels", roles=EXAMINERS)
def form_panel(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Form a panel for some trades."""
    with attempt(request, session) as tried:
        sent = data.get("trades") or []
        made = panels.form_panel(
            session,
            year=season_asked(request, session).year,
            name=str(data.get("name") or ""),
            trades=[str(trade) for trade in (sent if isinstance(sent, list) else [sent])],
            offices=platform.offices,
        )
        return see(f"/panels/{made.id}")
    return _panels(request, session, tried=tried, given=data)


@form("/panels/quota", roles=SUPERVISORS)
def set_quota(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Set the quota of a trade."""
    with attempt(request, session) as tried:
        panels.set_quota(
            session,
            year=season_asked(request, session).year,
            trade=str(data.get("trade") or "").split(" ", 1)[0],
            places=_count(data, "places"),
            source=str(data.get("source") or ""),
        )
        return see("/panels#quotas")
    return _panels(request, session, tried=tried, given=data)


@page("/panels/{panel_id:uuid}", roles=EXAM_WATCHERS)
def panel_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, panel_id: FromPath[UUID]
) -> Response[str]:
    """A panel: its members, its candidates, and its next step."""
    return show_panel(request, session, platform, panel_id)


@form("/panels/{panel_id:uuid}/members", roles=EXAMINERS)
def add_member(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, panel_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Add an examiner to the panel."""
    with attempt(request, session) as tried:
        account = account_by_login(session, str(data.get("login") or "").split(" ", 1)[0])
        unit_id = _unit(session, str(data.get("unit") or ""))
        panels.add_member(
            session,
            panel_id,
            account.id,
            offices=platform.offices,
            unit_id=unit_id,
            chairs=data.get("chairs") == "true",
        )
        return see(f"/panels/{panel_id}")
    return show_panel(request, session, platform, panel_id, tried=tried, given=data)


@form("/panels/{panel_id:uuid}/members/{account_id:uuid}/remove", roles=EXAMINERS)
def remove_member(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    panel_id: FromPath[UUID],
    account_id: FromPath[UUID],
) -> Response[Any]:
    """Remove a member from the panel."""
    with attempt(request, session) as tried:
        panels.remove_member(session, panel_id, account_id)
        return see(f"/panels/{panel_id}")
    return show_panel(request, session, platform, panel_id, tried=tried)


@form("/panels/{panel_id:uuid}/members/draw", roles=EXAMINERS)
def draw_member(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, panel_id: FromPath[UUID]
) -> Response[Any]:
    """Draw a member by lot, or a substitute."""
    with attempt(request, session) as tried:
        replacement.draw_member(session, panel_id, offices=platform.offices)
        return see(f"/panels/{panel_id}")
    return show_panel(request, session, platform, panel_id, tried=tried)


@form("/panels/{panel_id:uuid}/members/leave", roles=EXAMINERS)
def leave_panel(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, panel_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Let a member leave a panel that scores."""
    with attempt(request, session) as tried:
        account_id = _chosen_member(data, "leaver")
        reason, voids = str(data.get("reason") or ""), data.get("voids") == "true"
        replacement.leave(session, panel_id, account_id, reason=reason, voids=voids)
        return see(f"/panels/{panel_id}#short")
    return show_panel(request, session, platform, panel_id, tried=tried, given=data)


@form("/panels/{panel_id:uuid}/chair", roles=EXAMINERS)
def name_chair(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, panel_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Let another member chair the panel."""
    with attempt(request, session) as tried:
        panels.name_chair(session, panel_id, _chosen_member(data, "chair"))
        return see(f"/panels/{panel_id}")
    return show_panel(request, session, platform, panel_id, tried=tried, given=data)


@form("/panels/{panel_id:uuid}/works", roles=EXAM_WATCHERS)
def describe_works(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, panel_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Tell the members what a number has done."""
    with attempt(request, session) as tried:
        works.describe(session, panel_id, _count(data, "number"), str(data.get("works") or ""))
        return see(f"/panels/{panel_id}#works")
    return show_panel(request, session, platform, panel_id, tried=tried, given=data)


@form("/panels/{panel_id:uuid}/dissolve", roles=SUPERVISORS)
def dissolve_panel(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, panel_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Dissolve a panel with a reason."""
    with attempt(request, session) as tried:
        reason = required_text(str(data.get("dissolving") or ""), "请写明解散的原因。", field="dissolving")
        replacement.dissolve(session, panel_id, reason=reason)
        return see(f"/panels/{panel_id}")
    return show_panel(request, session, platform, panel_id, tried=tried, given=data)


@form("/panels/{panel_id:uuid}/open", roles=EXAMINERS)
def open_panel(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, panel_id: FromPath[UUID]
) -> Response[Any]:
    """Begin to score."""
    with attempt(request, session) as tried:
        panels.open_panel(session, panel_id, offices=platform.offices)
        return see(f"/panels/{panel_id}")
    return show_panel(request, session, platform, panel_id, tried=tried)


@form_with_file("/panels/{panel_id:uuid}/close", roles=EXAMINERS)
def close_panel(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    panel_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Make the scores final, with the minutes and, where it is at hand, a scan of the signed minutes."""
    with attempt(request, session) as tried, offered_if_chosen(data, "minutes") as paper:
        panels.close_panel(session, panel_id, minutes=str(data.get("minutes") or ""), offices=platform.offices)
        if paper is not None:
            attach(session, Subject.PANEL, panel_id, paper, keeping=platform.keeping)
        return see(f"/panels/{panel_id}")
    return show_panel(request, session, platform, panel_id, tried=tried, given=data)


def _panels(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: Mapping[str, Any] | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    trades = {code: f"{code} {name}" for code, name in trades_of(session, year)}
    opened = [(opened.trade, trades[opened.trade]) for opened in trades_open(session, year, Grade.ONE)]
    listed, chosen = queries.panels(session, year), several(given or {}, "trades")
    return render(
        request,
        session,
        "results/panels.html",
        tried=tried,
        panels=listed,
        states=PANEL_STATES,
        quotas=queries.quotas(session, year),
        trades=trades,
        chosen=chosen,
        offered=trades_to_choose(session, year, opened, chosen),
        again=any(panel.state == "dissolved" for panel in listed),
        given=Fields(given or {}),
        **may(session),
    )


def show_panel(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    panel_id: UUID,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    """The page of a panel, after an attempt with its problems."""
    panel = queries.panel(session, panel_id)
    members = queries.members(session, panel_id)
    units = [member.unit_id for member in members if member.unit_id is not None]
    trades = dict(trades_of(session, panel.year))
    seed, candidates = queries.seed_of(session, panel_id), scoring.panel_candidates(session, panel)
    short = queries.shortage(session, panel, platform.offices) if panel.state == "scoring" else None
    return render(
        request,
        session,
        "results/panel.html",
        of_year=panel.year,
        tried=tried,
        panel=panel,
        trades=trades,
        named_trades="、".join(trades.get(trade, trade) for trade in panel.trades),
        state=PANEL_STATES[panel.state],
        criteria=queries.criteria_of(panel),
        members=members,
        sitting=[(str(member.account_id), member.name) for member in members if member.left_at is None],
        chaired=any(member.chairs for member in members),
        units=dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(units))).all()),
        candidates=candidates,
        numbers=[(str(line.number), f"{line.number}号") for line in candidates],
        blind=bool(candidates) and not any(candidate.reference for candidate in candidates),
        seed=seed,
        short=short,
        wanting=[] if short is None else [line.number for line in candidates if line.id in short.wanted],
        below=0 if short is None else len(short.below),
        draw=_draw(session, panel, seed),
        **_ranking(session, panel, platform),
        examiners=_examiners(session),
        files=files_of(session, Subject.PANEL, [panel_id])[panel_id],
        limits=limits_of(platform.offices.config(session.office_id)),
        given=Fields(given or {}),
        **may(session),
    )


def _ranking(session: OfficeSession, panel: EvaluationPanel, platform: Platform) -> dict[str, Any]:
    """The ranking of a closed panel: the one that waits or holds, or what would be proposed now."""
    if panel.state != "closed":
        return {"lines": [], "ranking": None, "before": []}
    made = ranking.rankings(session, panel.id)
    live = next((each for each in made if each.state in {"proposed", "confirmed"}), None)
    return {
        "lines": ranking.ranking_now(session, panel, platform.offices)
        if live is None
        else [line_of(row) for row in live.rows],
        "ranking": live,
        "ranking_state": None if live is None else RANKING_STATES[live.state],
        "before": [each for each in made if each is not live],
        "conclusion": conclusion,
    }


def _draw(session: OfficeSession, panel: EvaluationPanel, seed: str | None) -> dict[str, Any] | None:
    """How anybody repeats the draw of a panel whose seed is told; None before."""
    if seed is None or (order := queries.identities(session, panel.id)) == []:
        return None
    repeated = drawn([line.application_id for line in order], seed)
    return {
        "order": order,
        "holds": commits(seed, panel.commitment) and repeated == [line.application_id for line in order],
    }


def _again(session: OfficeSession, panel_id: str | None) -> dict[str, Any]:
    """Name and trades of a dissolved panel, for the form of the next one."""
    with suppress(ValueError, NotFound):
        if panel_id and (panel := queries.panel(session, UUID(panel_id))).state == "dissolved":
            return {"name": panel.name, "trades": panel.trades}
    return {}


def _chosen_member(data: Mapping[str, Any], name: str) -> UUID:
    with suppress(ValueError):
        return UUID(str(data.get(name) or ""))
    raise Invalid("member_not_chosen", "请选择评委。", at=name)


def _examiners(session: OfficeSession) -> list[tuple[str, str]]:
    """The office's examiners, by login and name."""
    return [
        (line.login, f"{line.login} {line.name}")
        for line in account_lines(session)
        if line.role is Role.EXAMINER and line.office_id == session.office_id
    ]


def _unit(session: OfficeSession, name: str) -> UUID | None:
    """The unit of that name that the member comes from; None where none was written."""
    written = body(name)
    if not written:
        return None
    found = session.scalar(select(Unit.id).where(Unit.name == written, Unit.ended_at.is_(None)).limit(1))
    if found is None:
        raise Invalid("unit_unknown", "没有这个单位。请填写单位全称；不是本省机关事业单位的留空。", at="unit")
    return found


def _count(data: Mapping[str, Any], name: str) -> int:
    written = whole_number(data.get(name))
    if written is None:
        raise Invalid("number_unreadable", "请填写整数。", at=name)
    return written
