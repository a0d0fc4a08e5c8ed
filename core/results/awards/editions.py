"""A list that is out is corrected by its next edition, or withdrawn: both in public, with the reason.

A corrected edition names the numbers of the rows that it adds, removes and alters. It is made in one act, from what is
so now: no officer picks people. A withdrawn list counts for nothing any more; its people may be listed again.
Source: 2024 notice §3(6), 公布各等级考核考评结果; why editions and how long each is out: docs/decisions/0058.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from core.applications.models import Application
from core.audit import service as audit
from core.clock import last_day
from core.db.base import new_id
from core.db.session import OfficeSession
from core.domain.calendar import due_after
from core.domain.workflow import State
from core.errors import Conflict
from core.messages.service import Telling, notify_each
from core.plugin_api import Grade
from core.results.awards.certificate_life import Award, Step, take
from core.results.awards.list_queries import open_strikings_of
from core.results.awards.objections import let_lapse
from core.results.awards.publication import (
    IN_ORDER,
    SHOWN_FIELDS,
    digest_of,
    keep_shown,
    lock_outcomes,
    no_case_moves,
    one_by_one,
    open_publication,
    shown_until,
    stage_of,
    to_list,
    write_lines,
)
from core.results.models.awards import Certificate, Publication, PublicationEntry, Striking
from core.results.models.marks import Outcome
from core.security.keys import KeyProvider
from core.tenancy.config.awards import AwardsTable
from core.text import dates
from core.text.form_texts import required_text


@dataclass(frozen=True, slots=True)
class Difference:
    """What the next edition of a list would be: its people in their order, and how it differs from the present one.

    ``added`` and ``altered`` are numbered as in the next edition, ``removed`` as in the present one.
    """

    listed: tuple[UUID, ...]
    added: tuple[int, ...]
    removed: tuple[int, ...]
    altered: Mapping[int, tuple[str, ...]]

    @property
    def kept(self) -> dict[str, Any]:
        """The same as the edition keeps it."""
        altered = [{"position": position, "fields": list(fields)} for position, fields in self.altered.items()]
        return {"added": list(self.added), "removed": list(self.removed), "altered": altered}

    @property
    def digest(self) -> str:
        """By which an officer confirms what they were shown."""
        return digest_of(self.listed).hex()

    @property
    def nothing(self) -> bool:
        """Whether the list would stay as it is."""
        return not (self.added or self.removed or self.altered)


def difference(session: OfficeSession, publication: Publication) -> Difference:
    """What correcting a list would change, as things stand.

    Everybody stays who stands on it and still has the pass; whoever passed in its grades and is on no list joins them.
    A case of sanctions that is not decided removes nobody: it holds the certificate up.
    """
    present = {row.application_id: row for row in session.execute(_lines_of(publication)).all()}
    stay = {key for key, row in present.items() if row.stands}
    joining = to_list(session, publication.year, {Grade(grade) for grade in publication.grades})
    order = select(Application.id).where(Application.id.in_([*stay, *joining])).order_by(*IN_ORDER)
    listed = tuple(session.scalars(order))
    numbered = {application_id: position for position, application_id in enumerate(listed, 1)}
    return Difference(
        listed=listed,
        added=tuple(sorted(numbered[application_id] for application_id in joining)),
        removed=tuple(sorted(row.position for key, row in present.items() if key not in stay)),
        altered={
            numbered[key]: fields
            for key in sorted(stay, key=lambda key: numbered[key])
            if (fields := _altered(present[key]))
        },
    )


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that a correction adds, removes or alters, as the officer reads it before confirming."""

    what: str
    position: int
    name: str
    unit: str
    fields: tuple[str, ...] = ()


def rows_of(session: OfficeSession, publication: Publication, found: Difference) -> list[ChangedRow]:
    """The rows of a difference with their people: added, removed, altered."""
    people = _named(session, found.listed)
    next_rows = {position: people[key] for position, key in enumerate(found.listed, 1)}
    former = {row.position: row.application_id for row in session.execute(_lines_of(publication)).all()}
    gone = _named(session, [former[position] for position in found.removed])
    return [
        *(ChangedRow("增列", position, *next_rows[position]) for position in found.added),
        *(ChangedRow("移出", position, *gone[former[position]]) for position in found.removed),
        *(ChangedRow("更正", position, *next_rows[position], fields) for position, fields in found.altered.items()),
    ]


def correct(
    session: OfficeSession, publication_id: UUID, *, reason: str, seen: str, awards: AwardsTable
) -> Publication:
    """Put the next edition of a list in its place, for a reason that the public reads; the answer is that edition.

    Everybody whose row is added, removed or altered is told. The working days begin anew where the province says so,
    and always where they had run out. ``seen`` is the digest of the difference that the officer was shown: Conflict
    where it is another one now, and where nothing would change.
    """
    former = open_publication(session, publication_id)
    no_case_moves(session, former.year)
    take(Award(stage=stage_of(former)), Step.CORRECT, now=session.now)
    why = required_text(reason, "请写明更正的原因，公示页面和合格人员通知将写明这段文字。")
    one_by_one(session, former.id)
    found = difference(session, former)
    if found.digest != seen:
        raise Conflict("difference_changed", "名单刚刚又有变化，本次没有更正。请核对新的对照后再确认。")
    if found.nothing:
        raise Conflict(
            "nothing_to_correct_in_list", "名单与目前的认定一致，没有需要更正的内容。名单整体有误的，请撤回。"
        )
    if not found.listed:
        raise Conflict("correction_leaves_nobody", "更正后名单中没有人员。请撤回这份名单。")
    told = _concerned(session, former, found)
    _end(session, former, "corrected", why)
    audit.record_on(session, former, "publication.corrected", reason=why)
    made = _next_edition(session, former, found, reason=why, ends_at=_ends_at(session, former, awards))
    _tell_of_correction(session, made, told)
    return made


def withdraw(session: OfficeSession, publication_id: UUID, *, reason: str, keys: KeyProvider) -> Publication:
    """Withdraw a list, for a reason that the public reads. Everybody on it and every objector is told.

    A closed list too, as long as no certificate was issued for it; Conflict otherwise.
    """
    publication = open_publication(session, publication_id)
    take(Award(stage=stage_of(publication)), Step.WITHDRAW, now=session.now)
    why = required_text(reason, "请写明撤回的原因，公示页面将写明这段文字。")
    one_by_one(session, publication.id)
    issued = select(func.count()).where(Certificate.publication_id == publication.id)
    count = session.scalar(issued) or 0
    if count:
        raise Conflict(
            "list_has_certificates",
            f"这份名单已发证{count}本，不能撤回。个别人员有误的，请办理成绩更正或违规（审查有误）案件，"
            "依生效的决定撤销其证书；证书上的文字有误的，请办理换发。",
        )
    on_it = session.execute(_people_of(publication)).all()
    _end(session, publication, "withdrawn", why)
    let_lapse(session, publication, reason=why, keys=keys)
    _drop_strikings(session, publication, why)
    audit.record_on(session, publication, "publication.withdrawn", reason=why)
    notify_each(
        session,
        [Telling(row.person_id, row.id, "公示名单已撤回", f"原因：{why}。重新公示时再通知您。") for row in on_it],
        event_key=f"publication.withdrawn:{publication.id}",
        office_id=session.office_id,
        kind="publication_withdrawn",
    )
    return publication


def _end(session: OfficeSession, publication: Publication, state: str, reason: str) -> None:
    """End an edition; its lines that stand bind nobody any more."""
    publication.state, publication.ended_at = state, session.now
    publication.ended_by, publication.ended_reason = session.actor.account_id, reason
    if state == "withdrawn":
        publication.shown_until = shown_until(publication, session.now)
    session.flush()
    standing = update(PublicationEntry).where(
        PublicationEntry.publication_id == publication.id,
        PublicationEntry.struck_at.is_(None),
        PublicationEntry.released_at.is_(None),
    )
    session.execute(standing.values(released_at=session.now).execution_options(synchronize_session=False))


def _next_edition(
    session: OfficeSession, former: Publication, found: Difference, *, reason: str, ends_at: datetime
) -> Publication:
    publication = Publication(
        id=new_id(),
        office_id=former.office_id,
        year=former.year,
        version=former.version,
        edition=former.edition + 1,
        edition_reason=reason,
        changes=found.kept,
        grades=former.grades,
        state="draft",
        working_days=former.working_days,
        name_shown=former.name_shown,
        tail_digits=former.tail_digits,
        units_shown=former.units_shown,
        shown_days=former.shown_days,
        entry_count=len(found.listed),
        digest=digest_of(found.listed),
        drafted_at=session.now,
        drafted_by=session.actor.account_id,
    )
    session.add(publication)
    session.flush()
    write_lines(session, publication, found.listed)
    lock_outcomes(session, publication.year, publication.grades)
    publication.state, publication.published_at, publication.ends_at = "published", session.now, ends_at
    publication.published_by = session.actor.account_id
    session.flush()
    keep_shown(session, publication)
    audit.record_on(session, publication, "publication.published", until=ends_at.isoformat(), former=str(former.id))
    return publication


def _ends_at(session: OfficeSession, former: Publication, awards: AwardsTable) -> datetime:
    assert former.ends_at is not None  # noqa: S101 - it is out
    if awards.correction_restarts or session.now >= former.ends_at:
        return due_after(session.now, former.working_days).at
    return former.ends_at


def _named(session: OfficeSession, applications: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    wanted = select(Application.id, Application.person_name, Application.unit_name).where(
        Application.id.in_(applications)
    )
    return {row.id: (row.person_name, row.unit_name) for row in session.execute(wanted)}


def _lines_of(publication: Publication) -> Any:
    """Every line of a list with what it says now beside what it said, and whether it may stay."""
    digests = [
        func.encode(func.sha256(func.convert_to(func.concat(Application.id, "/", column), "UTF8")), "hex").label(name)
        for name, column in SHOWN_FIELDS.items()
    ]
    stands = PublicationEntry.struck_at.is_(None) & Outcome.passed & (Application.state == State.QUALIFIED)
    return (
        select(
            PublicationEntry.application_id,
            PublicationEntry.position,
            PublicationEntry.shown,
            stands.label("stands"),
            *digests,
        )
        .join(Application, Application.id == PublicationEntry.application_id)
        .join(Outcome, Outcome.application_id == Application.id)
        .where(PublicationEntry.publication_id == publication.id)
    )


def _altered(row: Any) -> tuple[str, ...]:
    """The fields that say something else now; a list from before fields were kept tells none."""
    return tuple(name for name in SHOWN_FIELDS if row.shown and row.shown.get(name) != getattr(row, name))


def _people_of(publication: Publication) -> Any:
    return (
        select(Application.id, Application.person_id, PublicationEntry.position)
        .join(PublicationEntry, PublicationEntry.application_id == Application.id)
        .where(PublicationEntry.publication_id == publication.id, PublicationEntry.struck_at.is_(None))
    )


def _concerned(session: OfficeSession, former: Publication, found: Difference) -> list[tuple[UUID, UUID, str]]:
    """Whoever is told of a correction: application, person, and what became of their row."""
    changed = {found.listed[position - 1]: "您已增列入名单" for position in found.added}
    changed |= {found.listed[position - 1]: "名单中您的信息已更正，请核对" for position in found.altered}
    standing = {row.id: row for row in session.execute(_people_of(former)).all()}
    removed = set(found.removed)
    changed |= {
        key: "您已不在更正后的名单中，请登录查看考核结果" for key, row in standing.items() if row.position in removed
    }
    people = select(Application.id, Application.person_id).where(Application.id.in_(changed))
    return [(row.id, row.person_id, changed[row.id]) for row in session.execute(people)]


def _tell_of_correction(session: OfficeSession, made: Publication, told: Sequence[tuple[UUID, UUID, str]]) -> None:
    assert made.ends_at is not None  # noqa: S101 - it was published a moment ago
    until = f"更正后的名单公示至{dates.day(last_day(made.ends_at))}24时。"
    notify_each(
        session,
        [Telling(person, case, "合格人员公示名单已更正", f"{words}。{until}") for case, person, words in told],
        event_key=f"publication:{made.id}",
        office_id=session.office_id,
        kind="publication_corrected",
    )


def _drop_strikings(session: OfficeSession, publication: Publication, reason: str) -> None:
    """End the proposals to strike somebody off a list that is withdrawn; their people read it on their own page."""
    for striking in open_strikings_of(session, publication):
        _lapse(session, striking, f"名单已撤回：{reason}")


def _lapse(session: OfficeSession, striking: Striking, remark: str) -> None:
    striking.state, striking.remark, striking.decided_at = "lapsed", remark, session.now
    striking.decided_by, striking.decided_by_name = session.actor.account_id, session.actor.name
    session.flush()
    audit.record_on(session, striking, "striking.lapsed")
