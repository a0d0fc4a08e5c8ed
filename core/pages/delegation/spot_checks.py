"""Pages of spot checks: drawing a sample of a receiver's decisions, and judging it case by case."""

import secrets
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications.form_steps import Fields
from core.applications.models import Application
from core.db.session import OfficeSession
from core.delegation import queries, supervision
from core.domain.workflow import STATE_LABELS
from core.errors import Invalid, NotFound
from core.pages.season import season_asked
from core.platform import Platform
from core.reviews.supervision import overturn
from core.sanctions.carrying_out import may_be_annulled
from core.text.form_texts import whole_number
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import SUPERVISORS
from core.web.page.rendering import AnyRequest, Sent, attempt, render, see
from core.web.routes import form, page

VERDICTS = {
    "open": ("待抽查", "waits"),
    "upheld": ("维持", "done"),
    "correction_ordered": ("责令改正", "waits"),
    "overturned": ("撤销，重新审查", "stopped"),
}


@page("/delegations/{delegation_id:uuid}/sample", roles=SUPERVISORS)
def draw_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, delegation_id: FromPath[UUID]
) -> Response[str]:
    """The form of a sample: percentage and minimum."""
    return _draw(request, session, platform, delegation_id, {})


@form("/delegations/{delegation_id:uuid}/sample", roles=SUPERVISORS)
def draw_sample(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, delegation_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Draw the sample. The seed is made here and kept, so that the draw can be repeated."""
    with attempt(request, session) as tried:
        made = supervision.draw_sample(
            session,
            delegation_id,
            percent=_number(data, "percent"),
            minimum=_number(data, "minimum"),
            seed=secrets.randbelow(2**31),
            year=season_asked(request, session).year,
        )
        return see(f"/samples/{made.id}")
    return _draw(request, session, platform, delegation_id, data, tried=tried)


@page("/samples/{sample_id:uuid}", roles=SUPERVISORS)
def sample_page(request: AnyRequest, session: OfOffice, sample_id: FromPath[UUID]) -> Response[str]:
    """The sampled cases with their verdicts."""
    return _sample(request, session, sample_id)


@form("/samples/{sample_id:uuid}/items/{item_id:uuid}", roles=SUPERVISORS)
def judge(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    sample_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: Sent,
) -> Response[Any]:
    """Uphold a decision, order a correction, or overturn it."""
    remark, verdict = str(data.get("remark") or ""), str(data.get("verdict") or "")
    with attempt(request, session) as tried:
        if verdict == "upheld":
            supervision.uphold(session, item_id, remark=remark)
        elif verdict == "correction_ordered":
            supervision.order_correction(session, item_id, remark=remark)
        elif verdict == "overturned":
            overturn(session, item_id, offices=platform.offices, reason=remark)
        else:
            raise Invalid("verdict_missing", "请选择抽查结论。", at="verdict")
        return see(f"/samples/{sample_id}")
    return _sample(request, session, sample_id, tried=tried)


def _draw(  # noqa: PLR0917 - what the page shows
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    delegation_id: UUID,
    data: dict[str, Any],
    tried: Any = None,
) -> Response[str]:
    delegation = queries.delegation(session, delegation_id)
    if delegation.from_office_id != session.office_id:
        raise NotFound("no_such_delegation", "没有找到本机构作出的这项委托或下放。请核对编号。")
    wanted = platform.offices.config(session.office_id).supervision
    percent = wanted.sample_percent_entrusted if delegation.mode == "entrusted" else wanted.sample_percent
    given = {"percent": str(percent), "minimum": str(wanted.sample_minimum), **data}
    year = season_asked(request, session).year
    decided = len(supervision.decided_cases(session, delegation, year))
    return render(
        request,
        session,
        "delegation/draw.html",
        tried=tried,
        delegation=delegation,
        given=Fields(given),
        decided=decided,
        year=year,
    )


def _sample(request: AnyRequest, session: OfficeSession, sample_id: UUID, tried: Any = None) -> Response[str]:
    sample = supervision.sample(session, sample_id)
    items = supervision.items_of(session, sample_id)
    cases = {item.application_id: session.get_one(Application, item.application_id) for item in items}
    return render(
        request,
        session,
        "delegation/sample.html",
        of_year=sample.year,
        tried=tried,
        sample=sample,
        delegation=queries.delegation(session, sample.delegation_id),
        items=[(item, cases[item.application_id]) for item in items],
        standing={case.id for case in cases.values() if may_be_annulled(session, case)},
        verdicts=VERDICTS,
        state_labels={state.value: label for state, label in STATE_LABELS.items()},
    )


def _number(data: dict[str, Any], name: str) -> int:
    written = whole_number(data.get(name))
    if written is None:
        raise Invalid("number_unreadable", "请填写整数。", at=name)
    return written
