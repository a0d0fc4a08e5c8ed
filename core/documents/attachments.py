"""Adding attachments and opening them; they are kept exactly as the papers of applications are.

A file has the visibility of its thing, which the database holds. Nothing is replaced or removed: a wrong file is
superseded by the right one, for a reason that every reader of either sees.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Final
from uuid import UUID

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import ScopedSession
from core.documents.attachment_queries import Listed, Standing, files_of, open_kinds, standing_of, visible_attachment
from core.documents.attachment_subjects import Kind, Party, Subject, kind_of
from core.documents.content import Prepared, from_start, prepare, refuse
from core.documents.models import Attachment
from core.documents.receiving import Download, Keeping, check_scanned, look_at, put_away, safe_name, take_out
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.tenancy.config.office import DocumentsTable, OfficeConfig

_LONGEST_TITLE: Final = 100
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Offered:
    """A file on offer: seekable content, its capacity, and its title (empty: the kind's name).

    ``supersedes`` names the wrong file that it takes the place of, ``reason`` says why.
    """

    kind: str
    file_name: str
    content: IO[bytes] = field(repr=False)
    title: str = ""
    supersedes: UUID | None = None
    reason: str = ""


def attach(
    session: ScopedSession, subject: Subject, subject_id: UUID, offered: Offered, *, keeping: Keeping
) -> Attachment:
    """Keep a file with a thing that the session sees and may add it to.

    Raises NotFound for a thing that is not visible; Forbidden where another party adds such files, or the thing has
    moved on; Invalid, saying what to do, for a file that cannot be accepted; Conflict where it is not the one whose
    digest was declared, or what it supersedes was superseded already.
    """
    thing = standing_of(session, subject, subject_id)
    kind = kind_of(subject, offered.kind)
    if kind is None:
        refuse("kind", "没有这类材料。请从页面上选择材料类别后重新上传。")
    if kind not in open_kinds(session, thing):
        raise Forbidden(
            "attachment_closed", f"现在不能由您添加“{kind.label}”：该事项已进入下一环节，或由其他岗位添加。"
        )
    return _keep(session, thing, offered, kind=kind, keeping=keeping)


def attach_unseen(session: ScopedSession, thing: Standing, offered: Offered, *, keeping: Keeping) -> None:
    """Keep a file with a thing that the session has just made and does not see again: a public objection."""
    kind = kind_of(thing.subject, offered.kind)
    if kind is None or all(rule.party is not Party.ANYBODY for rule in kind.adding):
        raise NotFound("kind_unknown", "没有这类材料。请刷新页面后重试。")
    _keep(session, thing, offered, kind=kind, keeping=keeping)


def open_file(session: ScopedSession, attachment_id: UUID, keeping: Keeping) -> Download:
    """The file, if the session sees its thing; the reading is recorded.

    Raises NotFound for one that was erased; Forbidden for one that was found infected, or that the office opens only to
    its uploader until it is found clean; Unavailable where the stored bytes are gone or altered.
    """
    file = visible_attachment(session, attachment_id)
    own = file.uploaded_by == session.actor.account_id
    check_scanned(file, required=limits_of(keeping.offices.config(file.office_id)).require_scan and not own)
    opened = take_out(file, store=keeping.store, keys=keeping.keys)
    audit.record_on(session, file, "attachment.opened")
    return opened


def limits_of(config: OfficeConfig) -> DocumentsTable:
    """The limits of an office: kinds and sizes of pictures as for papers, bytes and number as for attachments."""
    own = config.attachments
    return config.documents.model_copy(update={"max_bytes": own.max_bytes, "max_count": own.max_count})


def _keep(session: ScopedSession, thing: Standing, offered: Offered, *, kind: Kind, keeping: Keeping) -> Attachment:
    config = keeping.offices.config(thing.office_id)
    limits = limits_of(config)
    # Two uploads at once would count the same files: the second waits for the first.
    one_at_a_time(session, f"attachments/{thing.id}")
    present = [line for line in files_of(session, thing.subject, [thing.id])[thing.id] if line.file.kind == kind.code]
    _check_superseding(offered, present)
    current = [line for line in present if not line.superseded]
    if offered.supersedes is None and len(current) >= limits.max_count:
        refuse("too_many", f"每项“{kind.label}”最多{limits.max_count}个文件。请合并为一个PDF，或更正已有的文件。")
    received = _digest(offered.content)
    prepared = prepare(offered.content, limits)
    with prepared.content:
        _check_declared(thing, first=not present, digests={received, prepared.sha256})
        file = _row(session, thing, offered, kind=kind, prepared=prepared)
        file.received_sha256 = received
        look_at(
            session, file, prepared, keys=keeping.keys, scan=keeping.offices.hooks(thing.office_id).document_received
        )
        put_away(session, file, prepared, store=keeping.store, keys=keeping.keys)
    _record(session, file)
    return file


def _row(session: ScopedSession, thing: Standing, offered: Offered, *, kind: Kind, prepared: Prepared) -> Attachment:
    return Attachment(
        id=new_id(),
        office_id=thing.office_id,
        subject_type=thing.subject.value,
        subject_id=thing.id,
        application_id=thing.application_id,
        kind=kind.code,
        title=_said(offered.title, _LONGEST_TITLE, "title") or kind.label.partition("（")[0],
        file_name=safe_name(offered.file_name),
        media_type=prepared.media_type,
        size=prepared.size,
        sha256=prepared.sha256,
        uploaded_at=session.now,
        uploaded_by=session.actor.account_id,
        uploaded_name=session.actor.name,
        supersedes=offered.supersedes,
        reason=_said(offered.reason, _LONGEST_REASON, "reason") if offered.supersedes else "",
    )


def _record(session: ScopedSession, file: Attachment) -> None:
    if file.supersedes is None:
        audit.record_on(session, file, "attachment.added")
        return
    why = audit.digest_of(file.reason).hex()
    audit.record_on(session, file, "attachment.superseded", supersedes=str(file.supersedes), reason=why)


def _check_superseding(offered: Offered, present: Sequence[Listed]) -> None:
    if offered.supersedes is None:
        return
    wrong = next((line for line in present if line.file.id == offered.supersedes), None)
    if wrong is None:
        refuse("superseded", "没有找到要更正的文件。请刷新页面，重新选择要更正的文件。")
    if wrong.superseded:
        raise Conflict("attachment_superseded", "该文件已被更正过。请刷新页面，选择目前有效的文件。")
    if not offered.reason.strip():
        raise Invalid("reason_missing", "请写明更正的原因，例如“漏盖公章”。", at="reason")


def _check_declared(thing: Standing, *, first: bool, digests: set[str]) -> None:
    """A digest that was declared before its file is a promise: the first file keeps it."""
    if first and thing.digest and thing.digest not in digests:
        raise Conflict(
            "digest_differs", "该文件与登记的校验值不一致，没有保存。请上传原来登记的那份扫描件，或联系受理机构。"
        )


def _said(words: str, most: int, name: str) -> str:
    trimmed = words.strip()
    if len(trimmed) > most:
        raise Invalid(f"{name}_too_long", f"不超过{most}字。请缩短后重新提交。", at=name)
    return trimmed


def _digest(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in from_start(content):
        digest.update(chunk)
    return digest.hexdigest()
