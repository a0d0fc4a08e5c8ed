"""The record for auditors and the center: entries, the proof of each, and how far the record is sealed."""

import json
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, FromQuery, QueryParameter
from sqlalchemy import select

from core.audit import queries
from core.audit.events import EVENTS
from core.audit.proofs import Proof, prove_entry
from core.audit.queries import EntryFilter
from core.clock import end_of, start_of
from core.db.session import ANONYMOUS, ROLE_LABELS, AuditorSession, ProvinceSession, Role, ScopedSession
from core.errors import Conflict
from core.identity.models import Account
from core.pages.table_export import Sheet, TableAsked, table_file
from core.platform import Platform
from core.tenancy.queries import offices
from core.web.dependencies import OfMonitor, ThePlatform
from core.web.guards import AUDITORS, CENTER
from core.web.page.form_dates import day_of
from core.web.page.rendering import AnyRequest, render
from core.web.routes import page

READERS = CENTER | AUDITORS
SUBJECTS = {
    "application": "申请",
    "account": "账号",
    "person": "个人",
    "filing": "备案",
    "responsible_person": "责任人",
    "emergency_plan": "应急预案",
    "accountability_case": "责任追究案件",
    "patrol": "巡视",
    "patrol_visit": "巡视点",
    "patrol_finding": "巡视问题",
    "delegation": "委托与下放",
    "calendar": "日程",
    "unit": "单位",
    "configuration": "配置",
    "configuration_load": "配置载入",
    "plugin": "规则程序",
    "office": "机构",
    "manager_form": "管理人员登记表",
    "roster": "名册",
    "inquiry": "咨询",
    "trade_list": "工种目录",
    "late_entry": "补报",
    "message": "消息",
    "onsite_batch": "现场确认批次",
    "onsite_slot": "现场办理时间",
    "bulk_run": "批量办理",
    "certificate_batch": "发证批次",
    "archive_package": "归档包",
    "archive_handover": "档案移交清单",
    "exam_site": "考点",
    "sitting": "场次",
    "plan": "编排方案",
    "paper_job": "考务资料",
    "training_course": "培训班",
    "custody_entry": "资料交接",
    "incident": "考场情况",
    "emergency": "突发事件",
    "invigilator": "监考人员",
    "mark_import": "成绩表",
    "panel": "评审组",
    "publication": "公示名单",
    "objection": "公示异议",
    "certificate": "证书",
    "ban": "禁考",
    "season_act": "年度",
    "key": "密钥",
}


_FILTERS = {"office": "机构", "kind": "事项", "subject": "对象编号", "since": "自", "until": "至"}


@page("/record", roles=READERS, province=True)
def record_page(
    request: AnyRequest,
    session: OfMonitor,
    *,
    office: Annotated[str, QueryParameter(max_length=100)] = "",
    kind: Annotated[str, QueryParameter(max_length=60)] = "",
    subject: Annotated[str, QueryParameter(max_length=100)] = "",
    since: Annotated[str, QueryParameter(max_length=10)] = "",
    until: Annotated[str, QueryParameter(max_length=10)] = "",
    before: FromQuery[UUID | None] = None,
) -> Response[str]:
    """Entries, the newest first; the filters stand in the address."""
    held = {"office": office, "kind": kind, "subject": subject.strip(), "since": since, "until": until}
    rows, following = queries.entries(session, _narrowed(held), before=before)
    return render(
        request,
        session,
        "audit/record.html",
        rows=rows,
        held=held,
        kinds=sorted((name, event.label) for name, event in EVENTS.items()),
        offices=[(office.id, office.name) for office in offices(session)],
        names={office.id: office.name for office in offices(session)},
        people=_people(session, rows),
        events=EVENTS,
        roles={row.id: _role(row.account_id, row.role) for row in rows},
        subjects=SUBJECTS,
        next_address=None if following is None else _address(held, before=str(following)),
        first_address=_address(held) if before else None,
        export_address=_address(held).replace("/record?", "/record/export?"),
    )


@table_file("/record/export", roles=READERS, province=True)
def export_record(session: ProvinceSession | AuditorSession, table: TableAsked) -> Sheet:
    """The entries as the page filters them, each with its id, by which it can be proved."""
    held = table.texts("office", "kind", "subject", "since", "until")
    names = {office.id: office.name for office in offices(session)}
    columns = ("时间", "事项", "机构", "经办", "角色", "对象", "对象编号", "批次", "序号", "编号")
    filters = [f"{_FILTERS[name]}：{value}" for name, value in held.items() if value]
    lines = (
        (
            *(row.at, EVENTS[row.kind].label, names[row.office_id], people[row.id]),
            *(_role(row.account_id, row.role), SUBJECTS.get(row.subject_type, row.subject_type), row.subject_id),
            *(row.batch, None if row.position is None else row.position + 1, str(row.id)),
        )
        for rows in queries.all_entries(session, _narrowed(held))
        for people in [_people(session, rows)]
        for row in rows
    )
    return Sheet("办理记录", columns, lines, "；".join(filters))


def _role(account_id: UUID, role: str) -> str:
    """The label of an entry's role; before sign-in there is no role yet."""
    if (account_id, role) == (ANONYMOUS.account_id, ANONYMOUS.role.value):
        return "登录以前"
    return ROLE_LABELS[Role(role)]


def _narrowed(held: dict[str, str]) -> EntryFilter:
    first, last = day_of(held, "since"), day_of(held, "until")
    return EntryFilter(
        office_id=held["office"],
        kind=held["kind"],
        subject_id=held["subject"],
        since=None if first is None else start_of(first),
        until=None if last is None else end_of(last),
    )


@page("/record/seals", roles=READERS, province=True)
def seals_page(request: AnyRequest, session: OfMonitor, platform: ThePlatform) -> Response[str]:
    """How far each office's record is sealed, and whether its newest batch can be proved."""
    newest = queries.newest_sealed_entries(session)
    return render(
        request,
        session,
        "audit/seals.html",
        lines=[
            (sealed, *_verdict(session, platform, newest.get(sealed.office_id)))
            for sealed in queries.sealing_progress(session)
        ],
        names={office.id: office.name for office in offices(session)},
    )


@page("/record/{entry_id:uuid}", roles=READERS, province=True)
def entry_page(
    request: AnyRequest, session: OfMonitor, platform: ThePlatform, entry_id: FromPath[UUID]
) -> Response[str]:
    """One entry with its content and the proof that it is on the record."""
    found = queries.entry(session, entry_id)
    proof, refusal = _proof(session, entry_id)
    return render(
        request,
        session,
        "audit/entry.html",
        entry=found,
        event=EVENTS[found.kind],
        office={office.id: office.name for office in offices(session)}[found.office_id],
        person=_people(session, [found])[found.id],
        role=_role(found.account_id, found.role),
        payload=json.dumps(found.payload, ensure_ascii=False, indent=2),
        proof=None if proof is None else json.dumps(proof.plain(), ensure_ascii=False, indent=2),
        head=None if proof is None else proof.head,
        ours=proof is not None and _is_ours(platform, proof),
        refusal=refusal,
        subject=SUBJECTS.get(found.subject_type, found.subject_type),
    )


def _proof(session: ScopedSession, entry_id: UUID) -> tuple[Proof | None, str]:
    try:
        return prove_entry(session, entry_id), ""
    except Conflict as refusal:
        return None, refusal.detail


def _verdict(session: ScopedSession, platform: Platform, entry_id: UUID | None) -> tuple[str, str]:
    """The result of verifying the newest batch: a label and its tone."""
    if entry_id is None:
        return "尚未封存", "waits"
    proof, _ = _proof(session, entry_id)
    if proof is None or not _is_ours(platform, proof):
        return "与封存时不一致", "stopped"
    return "核验相符", "done"


def _is_ours(platform: Platform, proof: Proof) -> bool:
    """Whether the batch was signed by a key of this installation."""
    return platform.record_keys.accepts(proof.head.key, proof.head.digest(), proof.signature)


def _people(session: ScopedSession, entries: Sequence[Any]) -> dict[UUID, str]:
    """Who acted, by entry; of a deputy also for whom (代)."""
    ids = {entry.account_id for entry in entries} | {entry.on_behalf_of for entry in entries} - {None}
    found = session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))
    names = {row.id: row.name for row in found}
    return {
        entry.id: names.get(entry.account_id, "—")
        + (f"（代{names.get(entry.on_behalf_of, '同事')}）" if entry.on_behalf_of else "")
        for entry in entries
    }


def _address(held: dict[str, str], **changed: str) -> str:
    return "/record?" + urlencode({name: value for name, value in (held | changed).items() if value})
