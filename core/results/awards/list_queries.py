"""Reading one list through its editions: what the public still sees, what was said against it, what its notice says.

The editions of a list have the same office, year and version (第n份).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from core.applications.models import Application
from core.db.session import OfficeSession, ScopedSession
from core.errors import NotFound
from core.results.awards.queries import PUBLIC, lines
from core.results.models.awards import Objection, Publication, PublicationEntry, Striking
from core.tenancy.models import Office

FIELD_LABELS: Final[Mapping[str, str]] = {
    "name": "姓名",
    "tail": "身份证号后四位",
    "unit": "单位",
    "grade": "等级",
    "trade": "工种",
}


@dataclass(frozen=True, slots=True)
class Course:
    """The course of a list through its editions: objections received, sustained and dismissed, and people struck."""

    received: int
    sustained: int
    dismissed: int
    struck: int


def editions_of(session: ScopedSession, publication: Publication) -> Sequence[Publication]:
    """Every edition of a list, the first one first."""
    return session.scalars(_editions(publication).order_by(Publication.edition)).all()


def objections_of(session: OfficeSession, publication: Publication) -> Sequence[Objection]:
    """The objections to a list, whichever edition they were raised against, the oldest first."""
    wanted = select(Objection).where(
        Objection.office_id == session.office_id, Objection.publication_id.in_(_ids(publication))
    )
    return session.scalars(wanted.order_by(Objection.id)).all()


def strikings_of(session: OfficeSession, publication: Publication) -> Sequence[Striking]:
    """The proposals to strike somebody off a list, or to take them back, the latest first."""
    wanted = select(Striking).where(
        Striking.office_id == session.office_id, Striking.publication_id.in_(_ids(publication))
    )
    return session.scalars(wanted.order_by(Striking.id.desc())).all()


def open_strikings_of(session: OfficeSession, publication: Publication) -> Sequence[Striking]:
    """Those of them that strike somebody and are not decided."""
    found = strikings_of(session, publication)
    return [striking for striking in found if (striking.kind, striking.state) == ("strike", "proposed")]


def places_of(session: OfficeSession, publication: Publication, raised: Sequence[Objection]) -> dict[UUID, int]:
    """The row in this edition of each person whom an objection is about, while they stand on it, by the objection."""
    about = aliased(PublicationEntry)
    wanted = (
        select(Objection.id, PublicationEntry.position)
        .join(about, (about.publication_id == Objection.publication_id) & (about.position == Objection.position))
        .join(PublicationEntry, PublicationEntry.application_id == about.application_id)
        .where(
            Objection.id.in_([objection.id for objection in raised]),
            PublicationEntry.publication_id == publication.id,
            PublicationEntry.struck_at.is_(None),
        )
    )
    return {row.id: row.position for row in session.execute(wanted)}


def course_of(session: OfficeSession, publication: Publication) -> Course:
    """The course of a list until its notice was given, in numbers."""
    raised = objections_of(session, publication)
    struck = select(func.count(func.distinct(PublicationEntry.application_id))).where(
        PublicationEntry.publication_id.in_(_ids(publication)),
        PublicationEntry.office_id == session.office_id,
        PublicationEntry.struck_at.is_not(None),
        _before_its_notice(publication),
    )
    return Course(
        received=len(raised),
        sustained=sum(objection.state == "sustained" for objection in raised),
        dismissed=sum(objection.state == "dismissed" for objection in raised),
        struck=session.scalar(struck) or 0,
    )


def named_in_notice(session: OfficeSession, publication: Publication) -> list[Any]:
    """The lines that the notice of a closed list names: those that stood when it was given.

    Whoever falls to a later decision stays on the notice as it was sent; a reprint says so beside the name.
    """
    given = publication.closed_at
    return [
        line
        for line in lines(session, publication.id)
        if line.struck_at is None or (given is not None and line.struck_at > given)
    ]


def lists_shown(session: ScopedSession) -> Sequence[Publication]:
    """The lists that are over and still public: closed or withdrawn, the latest first; none of a practice office."""
    wanted = _public().where(Publication.shown_until > session.now)
    latest = func.coalesce(Publication.ended_at, Publication.closed_at).desc()
    return session.scalars(wanted.order_by(latest, Publication.id)).all()


def list_shown(session: ScopedSession, publication_id: UUID) -> Publication:
    """One list as the public may see it: running, closed or withdrawn, or an earlier edition of such a list.

    NotFound for a draft, for a list whose period is over and that is not closed, and once its time is over.
    """
    found = session.scalar(_public().where(Publication.id == publication_id))
    if found is None or not _is_public(session, current_edition(session, found)):
        raise NotFound("publication_unknown", "没有找到这份公示名单，或已不再公开。请从公示页面查看正在公示的名单。")
    return found


def current_edition(session: ScopedSession, publication: Publication) -> Publication:
    """The edition of a list that holds now: the last one."""
    last = _editions(publication).order_by(Publication.edition.desc()).limit(1)
    return session.scalars(last).one()


def is_running(session: ScopedSession, publication: Publication) -> bool:
    """Whether a list is before the public now, so that it may be objected to."""
    ends_at = publication.ends_at
    return publication.state == "published" and ends_at is not None and session.now < ends_at


def struck_positions(session: ScopedSession, publication: Publication) -> list[int]:
    """The numbers of the rows that the public no longer reads because they were struck."""
    position = func.generate_series(1, publication.entry_count).column_valued("position")
    left = select(PUBLIC.c.position).where(PUBLIC.c.publication_id == publication.id)
    return list(session.scalars(select(position).where(position.not_in(left)).order_by(position)))


def changes_in_words(publication: Publication) -> str:
    """How a corrected edition differs from the former one, by numbers of rows; empty for a first edition."""
    changes = publication.changes
    parts = []
    if added := changes.get("added"):
        parts.append(f"增列{len(added)}人（序号{_numbers(added)}）")
    if removed := changes.get("removed"):
        parts.append(f"移出{len(removed)}人（原序号{_numbers(removed)}）")
    if altered := changes.get("altered"):
        rows = [f"序号{row['position']}：{'、'.join(FIELD_LABELS[name] for name in row['fields'])}" for row in altered]
        parts.append(f"更正{len(altered)}行（{'；'.join(rows)}）")
    return "，".join(parts)


def standing_of(session: OfficeSession, application_id: UUID) -> PublicationEntry | None:
    """The line of somebody that stands on a list of the office, locked until the transaction ends."""
    wanted = select(PublicationEntry).where(
        PublicationEntry.application_id == application_id,
        PublicationEntry.office_id == session.office_id,
        PublicationEntry.struck_at.is_(None),
        PublicationEntry.released_at.is_(None),
    )
    return session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def struck_of(session: ScopedSession, application_id: UUID) -> PublicationEntry | None:
    """The line of which a decision struck somebody and that still binds them; None where none does."""
    wanted = select(PublicationEntry).where(
        PublicationEntry.application_id == application_id,
        PublicationEntry.struck_at.is_not(None),
        PublicationEntry.released_at.is_(None),
        PublicationEntry.struck_by_correction.is_(None),
    )
    return session.scalars(wanted.order_by(PublicationEntry.struck_at.desc()).limit(1)).first()


def strikings(session: OfficeSession, year: int) -> Sequence[Any]:
    """The proposals of a year with their cases: the undecided ones first, then the latest; two hundred at most."""
    wanted = (
        select(Striking, Application)
        .join(Application, Application.id == Striking.application_id)
        .where(Striking.office_id == session.office_id, Application.year == year)
        .order_by(Striking.state != "proposed", Striking.proposed_at.desc())
        .limit(200)
    )
    return session.execute(wanted).all()


def _public() -> Select[Publication]:
    return (
        select(Publication)
        .join(Office, Office.id == Publication.office_id)
        .where(~Office.practice, Publication.state != "draft")
    )


def _is_public(session: ScopedSession, current: Publication) -> bool:
    until = current.shown_until
    return is_running(session, current) or (until is not None and session.now < until)


def _editions(publication: Publication) -> Select[Publication]:
    return select(Publication).where(
        Publication.office_id == publication.office_id,
        Publication.year == publication.year,
        Publication.version == publication.version,
    )


def _ids(publication: Publication) -> Select[UUID]:
    return _editions(publication).with_only_columns(Publication.id)


def _before_its_notice(publication: Publication) -> ColumnElement[bool]:
    given = publication.closed_at
    struck_at = PublicationEntry.struck_at
    return struck_at.is_not(None) if given is None else struck_at <= given


def _numbers(positions: Sequence[int]) -> str:
    return "、".join(str(position) for position in positions)


def remedy_due() -> ColumnElement[bool]:
    """The condition of lists that are out although an objection to the whole of them was upheld since."""
    raised_in = aliased(Publication)
    upheld = (
        select(Objection.id)
        .join(raised_in, raised_in.id == Objection.publication_id)
        .where(
            raised_in.office_id == Publication.office_id,
            raised_in.year == Publication.year,
            raised_in.version == Publication.version,
            Objection.remedy != "",
            Objection.decided_at > Publication.published_at,
        )
    )
    return (Publication.state == "published") & upheld.correlate(Publication).exists()
