"""Decisions by the officer who made them: counts, returns, what was overturned, and the time that they took.

They belong to the office, the officer and the delegation that acted, for good; the case may be in other hands since.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from core.db.session import ScopedSession
from core.plugin_api import OfficeCode


@dataclass(frozen=True, slots=True)
class OfficerFigures:
    """One officer's decisions for one office, on its own authority or by a delegation.

    ``overturned`` are decisions that a supervising office reopened; ``median`` is the time from the case's arrival at
    the stage to the decision.
    """

    office: OfficeCode
    office_name: str
    officer: str
    delegated: bool
    decisions: int
    returned: int
    rejected: int
    overturned: int
    median: timedelta


# A reopening is charged to the latest decision of an office before it, as ``answers_for`` counts it.
_BY_OFFICER = text(
    """
    SELECT d.acting_office_id, o.name, d.actor_name, d.delegation_id IS NOT NULL,
        count(*), count(*) FILTER (WHERE d.action = 'return'), count(*) FILTER (WHERE d.action = 'reject'),
        count(*) FILTER (WHERE r.action = 'reopen'),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY d.at - coalesce(b.at, d.at))
    FROM moves d
    JOIN applications a ON a.id = d.application_id
    JOIN offices o ON o.id = d.acting_office_id
    LEFT JOIN moves b ON b.application_id = d.application_id AND b.version = d.version - 1
    LEFT JOIN LATERAL (
        SELECT n.action FROM moves n
        WHERE n.application_id = d.application_id AND n.version > d.version
        AND (n.action = 'reopen' OR n.acting_office_id IS NOT NULL
            AND n.action IN ('approve', 'confirm', 'return', 'reject'))
        ORDER BY n.version LIMIT 1
    ) r ON true
    WHERE d.action IN ('approve', 'confirm', 'return', 'reject') AND d.acting_office_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM moves u
        WHERE u.application_id = d.application_id AND u.version = d.version + 1 AND u.action = 'undo')
    AND (CAST(:year AS bigint) IS NULL OR a.year = :year)
    AND (CAST(:owner AS text) IS NULL OR a.office_id = :owner)
    AND (CAST(:acting AS text) IS NULL OR d.acting_office_id = :acting)
    AND (CAST(:delegation AS uuid) IS NULL OR d.delegation_id = :delegation)
    GROUP BY d.acting_office_id, o.name, d.account_id, d.actor_name, d.delegation_id IS NOT NULL
    ORDER BY d.acting_office_id, d.actor_name, 4
    """
)


def by_officer(
    session: ScopedSession,
    year: int | None = None,
    *,
    owner: str | None = None,
    acting: str | None = None,
    delegation: UUID | None = None,
) -> list[OfficerFigures]:
    """The decisions of a season, or of all, by officer.

    Those on the cases of ``owner``, those that ``acting`` made, or those made by a delegation.
    """
    asked = {"year": year, "owner": owner, "acting": acting, "delegation": delegation}
    return [OfficerFigures(OfficeCode(row[0]), *row[1:]) for row in session.execute(_BY_OFFICER, asked)]
