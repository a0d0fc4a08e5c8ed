"""Pages of attachments: the files of one thing, adding and correcting one, and the latest of an office."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody, QueryParameter
from litestar.response import Stream
from sqlalchemy import Uuid, column, select, table

from core.applications.form_steps import Fields
from core.db.session import ScopedSession
from core.documents import attachments
from core.documents.attachment_queries import Standing, files_of, latest_files, open_kinds, standing_of, subject_called
from core.documents.attachment_subjects import THINGS, Subject
from core.documents.attachments import Offered, limits_of
from core.errors import Invalid
from core.platform import Platform
from core.web.dependencies import AnySession, OfOffice, ThePlatform
from core.web.guards import APPLICANTS, OFFICE_STAFF, UNITS
from core.web.page.downloads import shown
from core.web.page.rendering import AnyRequest, Attempt, attempt, render, see
from core.web.page.uploads import chosen_file
from core.web.routes import form_with_file, look, page

PARTIES = APPLICANTS | UNITS | OFFICE_STAFF
_AT_ONCE = 50
_LATEST = ("/attachments", "材料扫描件")
HOMES = {
    (Subject.CHECK, "person"): ("/my/applications/{case}/results", "我的成绩"),
    (Subject.SANCTION, "person"): ("/sanctions/own/{id}", "我的文书"),
    (Subject.CHECK, "unit"): ("/unit/cases/{case}", "申报情况"),
    (Subject.ROSTER, "unit"): ("/unit/rosters", "名册和报送"),
    (Subject.BATCH, "unit"): ("/unit/batches/{id}", "报送的材料"),
    (Subject.MANAGER_FORM, "unit"): ("/unit/manager", "网上报名管理人员"),
}
OFFICE_HOMES = {
    Subject.BAN: ("/bans/{id}", "不得申报登记"),
    Subject.MANAGER_FORM: ("/manager-forms/{id}", "管理人员登记表"),
    Subject.DELEGATION: ("/delegations/{id}", "委托与下放"),
    Subject.INCIDENT: ("/exams/incidents", "考场情况"),
    Subject.CHECK: ("/marks/checks", "成绩复查"),
    Subject.CORRECTION: ("/marks/corrections", "成绩更正"),
    Subject.SANCTION: ("/sanctions/{id}", "违规案件"),
    Subject.OBJECTION: ("/awards/{publication}", "合格人员名单"),
    Subject.PANEL: ("/panels/{id}", "综合评审"),
    Subject.PATROL_FINDING: ("/patrols/findings/{id}", "巡视问题"),
}
"""The page of each kind of thing, by its reader; offices have none for what units hand in."""

# Objections stand above documents in the list of floors; one column of theirs is needed.
_objections = table("objections", column("id", Uuid), column("publication_id", Uuid))


@page("/attachments", roles=OFFICE_STAFF)
def latest_page(
    request: AnyRequest, session: OfOffice, before: Annotated[UUID | None, QueryParameter()] = None
) -> Response[str]:
    """The latest files of the things of the office: stamped papers handed in, evidence, instruments."""
    rows = latest_files(session, session.office_id, before=before, limit=_AT_ONCE)
    return render(
        request,
        session,
        "documents/latest.html",
        rows=rows,
        labels={subject.value: thing.label for subject, thing in THINGS.items()},
        next_address=f"/attachments?before={rows[-1].file.id}" if len(rows) == _AT_ONCE else None,
        first_address="/attachments" if before else None,
    )


@page("/attachments/{subject:str}/{subject_id:uuid}", roles=PARTIES, province=True)
def files_page(
    request: AnyRequest,
    session: AnySession,
    platform: ThePlatform,
    *,
    subject: FromPath[str],
    subject_id: FromPath[UUID],
) -> Response[str]:
    """The files of one thing, superseded ones included, and the form for one more."""
    return _files(request, session, platform, standing_of(session, subject_called(subject), subject_id))


@form_with_file("/attachments/{subject:str}/{subject_id:uuid}", roles=PARTIES, province=True)
def add_file(
    request: AnyRequest,
    session: AnySession,
    platform: ThePlatform,
    *,
    subject: FromPath[str],
    subject_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Add a file, or the right one in place of a wrong one."""
    thing = standing_of(session, subject_called(subject), subject_id)
    with attempt(request, session) as tried, chosen_file(data, "content") as sent:
        offered = Offered(
            str(data.get("kind") or ""),
            sent.filename[:200],
            sent.file,
            title=str(data.get("title") or ""),
            supersedes=_wrong_one(data),
            reason=str(data.get("reason") or ""),
        )
        attachments.attach(session, thing.subject, thing.id, offered, keeping=platform.keeping)
        return see(f"/attachments/{thing.subject}/{thing.id}")
    return _files(request, session, platform, thing, tried=tried, given=data)


@look("/attachments/{attachment_id:uuid}", roles=PARTIES, province=True)
def file(session: AnySession, platform: ThePlatform, attachment_id: FromPath[UUID]) -> Stream:
    """A file, to be looked at where it can run nothing. That it was read is recorded."""
    return shown(attachments.open_file(session, attachment_id, platform.keeping))


def _files(
    request: AnyRequest,
    session: ScopedSession,
    platform: Platform,
    thing: Standing,
    *,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    listed = files_of(session, thing.subject, [thing.id])[thing.id]
    kinds = open_kinds(session, thing)
    may_correct = {kind.code for kind in kinds}
    address, label = _home(session, thing)
    return render(
        request,
        session,
        "documents/files.html",
        tried=tried,
        thing=thing,
        name=THINGS[thing.subject].label,
        home_address=address,
        home_label=label,
        listed=listed,
        base="base/applicant.html" if session.scope == "person" else "base/desk.html",
        kinds=[(kind.code, kind.label) for kind in kinds],
        wrong=[
            (str(line.file.id), f"{line.file.title}（{line.file.file_name}）")
            for line in listed
            if not line.superseded and line.file.kind in may_correct
        ],
        names_shown=session.scope != "person",
        limits=limits_of(platform.offices.config(thing.office_id)),
        given=Fields(given or {}),
    )


def _wrong_one(data: Mapping[str, Any]) -> UUID | None:
    """The file that is to be superseded, where one was chosen."""
    chosen = str(data.get("supersedes") or "")
    try:
        return UUID(chosen) if chosen else None
    except ValueError:
        text = "没有找到要更正的文件。请刷新页面，重新选择要更正的文件。"
        raise Invalid("supersedes_unknown", text, at="supersedes") from None


def _home(session: ScopedSession, thing: Standing) -> tuple[str, str]:
    """The page of the thing itself as the reader has it; where there is none, the latest files or the first page."""
    address, label = HOMES.get((thing.subject, session.scope)) or OFFICE_HOMES.get(thing.subject, _LATEST)
    if session.scope in {"person", "unit"} and (thing.subject, session.scope) not in HOMES:
        return "/", "首页"
    publication = None
    if thing.subject is Subject.OBJECTION:
        publication = session.scalar(select(_objections.c.publication_id).where(_objections.c.id == thing.id))
    return address.format(id=thing.id, case=thing.application_id, publication=publication), label
