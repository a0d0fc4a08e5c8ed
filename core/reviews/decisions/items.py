"""The items of a case that a reviewer's decision names, one by one (逐项审核): every answer given and every paper.

Source of the review item by item: 2024 notice §2(4)-(5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.applications import form_steps, queries
from core.applications.forms import read_draft
from core.applications.models import Application
from core.applications.queries import ReaderSession, deferrals, pinned_requirements
from core.documents.queries import ACCOMMODATION_EVIDENCE
from core.documents.service import materials_of
from core.errors import Invalid
from core.reviews.reasons import OTHER


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    """The verdict on one item of the form or one material: correct, or faulty for a reason (code and comment)."""

    item: str
    faulty: bool = False
    reason_code: str = ""
    comment: str = ""


def answered_items(application: Application) -> tuple[str, ...]:
    """The answers that are given, in the order of the form."""
    draft = read_draft(application.form).model_dump(mode="json", exclude_none=True)
    return tuple(
        item for step in form_steps.STEPS for item in step.items if draft.get(item) not in (None, [], "", False)
    )


def items_to_judge(session: ReaderSession, application: Application) -> tuple[str, ...]:
    """Every answer given, every paper that is there, and required papers that are neither there nor promised."""
    there, absent = _papers_to_judge(session, application)
    return (*answered_items(application), *there, *absent)


def _papers_to_judge(session: ReaderSession, application: Application) -> tuple[list[str], list[str]]:
    """The papers that are there, and the required ones that are neither there nor promised."""
    there = materials_of(session, application.id) - {ACCOMMODATION_EVIDENCE}
    promised = {deferral.material for deferral in deferrals(session, application.id)}
    required = [
        requirement["code"]
        for requirement in pinned_requirements(session, application)
        if requirement["required"] and not requirement["deferrable"]
    ]
    return sorted(there), [code for code in required if code not in there | promised]


def each_item(session: ReaderSession, application_id: UUID, *, but: Sequence[ItemVerdict] = ()) -> list[ItemVerdict]:
    """A verdict of correct on every item ``but`` those given: for programs that have compared each of them."""
    given = {verdict.item for verdict in but}
    items = items_to_judge(session, queries.application(session, application_id))
    return [*(ItemVerdict(item) for item in items if item not in given), *but]


def check_each_judged(session: ReaderSession, application: Application, items: Sequence[ItemVerdict]) -> None:
    """Refuse a decision that passes over an item, or calls a paper correct that is not there."""
    judged = {verdict.item: verdict for verdict in items}
    there, required = _papers_to_judge(session, application)
    open_items = [item for item in (*answered_items(application), *there, *required) if item not in judged]
    if open_items:
        names = item_names(session, application)
        fields = {f"verdict_{item}": f"{names.get(item, item)}：请选择核对无误、有误或缺。" for item in open_items}
        message = f"还有{len(open_items)}项没有核对。请逐项选择核对无误、有误或缺，再作出决定。"
        raise Invalid("items_unjudged", message, fields=fields)
    absent = [item for item in required if not judged[item].faulty]
    if absent:
        names = item_names(session, application)
        fields = {f"verdict_{item}": f"{names.get(item, item)}没有上传，请选择缺。" for item in absent}
        raise Invalid("item_absent", "没有上传的材料不能标为核对无误，请标为缺并退回。", fields=fields)


def check_reasons_given(session: ReaderSession, application: Application, items: Sequence[ItemVerdict]) -> None:
    """Refuse an item called faulty of which the applicant would read nothing: no reason, or 其他 without a comment."""
    silent = {
        verdict.item: verdict.reason_code
        for verdict in items
        if verdict.faulty and not verdict.comment.strip() and verdict.reason_code in {"", OTHER}
    }
    if silent:
        names = item_names(session, application)
        fields = {}
        for item, code in silent.items():
            if code:
                fields[f"note_{item}"] = f"{names.get(item, item)}：原因选“其他”的，请写明哪里有误。"
            else:
                fields[f"code_{item}"] = f"{names.get(item, item)}：请选择有误的原因。"
        raise Invalid("item_reason_missing", "标为有误的，请给出原因，申报人才知道改什么。", fields=fields)


def item_names(session: ReaderSession, application: Application) -> dict[str, str]:
    """The Chinese name of every answer and of every paper that the case's rules ask for."""
    papers = {requirement["code"]: requirement["name"] for requirement in pinned_requirements(session, application)}
    return {**papers, **form_steps.ITEM_LABELS}
