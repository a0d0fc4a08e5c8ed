"""The health of published plans: what later acts have left open, in numbers, each with the next step.

It looks at what is still to come: a sitting that has begun keeps its rooms, and one that is over is past repair.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select, text

from core.db.session import ScopedSession
from core.scheduling.models.plans import Plan

_COUNTED = text(
    """
    WITH rooms AS MATERIALIZED (
        SELECT u.sitting_id, u.room_id, room_is_lost(u.sitting_id, u.room_id) AS lost
        FROM (SELECT DISTINCT sitting_id, room_id FROM seats WHERE plan_id = ANY (:plans)) u
    ), live AS MATERIALIZED (
        SELECT s.plan_id, s.application_id, s.sitting_id, s.room_id, t.starts_at > :now AS before,
            a.state = 'qualified' AS qualified, x.id AS ticket, x.grounds, t.starts_at > :now AND r.lost AS lost
        FROM seats s
        JOIN applications a ON a.id = s.application_id
        JOIN sittings t ON t.id = s.sitting_id
        JOIN rooms r ON r.sitting_id = s.sitting_id AND r.room_id = s.room_id
        LEFT JOIN admission_tickets x ON x.application_id = s.application_id AND x.voided_at IS NULL
        WHERE s.plan_id = ANY (:plans) AND s.published_at IS NOT NULL AND s.voided_at IS NULL AND t.ends_at > :now
    ), seated AS (
        SELECT plan_id, count(DISTINCT (sitting_id, room_id)) FILTER (WHERE lost) AS rooms_lost,
            count(DISTINCT application_id) FILTER (WHERE lost) AS people_lost,
            count(DISTINCT application_id) FILTER (WHERE before AND NOT qualified) AS unqualified,
            count(DISTINCT application_id) FILTER (
                WHERE qualified AND ticket IS NULL AND NOT suspended(application_id)) AS tickets_missing
        FROM live GROUP BY plan_id
    ), differing AS (
        SELECT l.plan_id, count(DISTINCT l.application_id) AS tickets_differ
        FROM live l
        LEFT JOIN ticket_grounds(ARRAY(SELECT DISTINCT application_id FROM live WHERE ticket IS NOT NULL AND :whole)) g
            ON g.application_id = l.application_id
        WHERE :whole AND l.ticket IS NOT NULL AND l.grounds IS DISTINCT FROM g.grounds GROUP BY l.plan_id
    ), unwatched AS (
        SELECT l.plan_id, count(DISTINCT (l.sitting_id, l.room_id)) AS rooms_unwatched
        FROM live l
        WHERE l.before AND NOT l.lost AND NOT EXISTS (
            SELECT FROM invigilations d
            WHERE d.plan_id = l.plan_id AND d.sitting_id = l.sitting_id AND d.room_id = l.room_id)
        GROUP BY l.plan_id
    ), unseated AS (
        SELECT p.id AS plan_id, count(*) AS unseated
        FROM plans p JOIN applications a ON a.office_id = p.office_id AND a.year = p.year AND a.state = 'qualified'
            AND (a.grade = 1) = (p.exam = 'level_one_theory')
        WHERE p.id = ANY (:plans) AND EXISTS (SELECT FROM live l WHERE l.plan_id = p.id AND l.before)
        AND NOT EXISTS (SELECT FROM seats s WHERE s.plan_id = p.id AND s.application_id = a.id
            AND s.published_at IS NOT NULL AND s.voided_at IS NULL)
        GROUP BY p.id
    ), latest AS (
        SELECT j.*, p.id AS for_plan, o.state AS plan_state
        FROM plans p
        JOIN plans o ON o.office_id = p.office_id AND o.year = p.year AND o.exam = p.exam
        JOIN paper_jobs j ON j.plan_id = o.id
        WHERE :whole AND p.id = ANY (:plans) AND EXISTS (SELECT FROM live l WHERE l.plan_id = p.id AND l.before)
        AND NOT EXISTS (SELECT FROM paper_jobs n JOIN plans q ON q.id = n.plan_id
            WHERE q.office_id = p.office_id AND q.year = p.year AND q.exam = p.exam AND n.kind = j.kind
            AND (n.sitting_id IS NULL OR n.sitting_id = j.sitting_id)
            AND (n.site_id IS NULL OR n.site_id = j.site_id) AND (n.asked_at, n.id) > (j.asked_at, j.id))
    ), papers AS (
        SELECT for_plan AS plan_id, count(*) AS papers_outdated FROM latest
        WHERE plan_state <> 'published' OR told <> papers_told(plan_id, sitting_id, kind, site_id)
        GROUP BY for_plan
    )
    SELECT p.id, coalesce(rooms_lost, 0), coalesce(people_lost, 0), coalesce(unseated, 0), coalesce(unqualified, 0),
        coalesce(tickets_differ, 0), coalesce(tickets_missing, 0), coalesce(rooms_unwatched, 0),
        coalesce(papers_outdated, 0)
    FROM unnest(:plans) p (id)
    LEFT JOIN seated ON seated.plan_id = p.id
    LEFT JOIN differing ON differing.plan_id = p.id
    LEFT JOIN unwatched ON unwatched.plan_id = p.id
    LEFT JOIN unseated ON unseated.plan_id = p.id
    LEFT JOIN papers ON papers.plan_id = p.id
    """
).bindparams(bindparam("plans", type_=ARRAY(Uuid)))


@dataclass(frozen=True, slots=True)
class PlanHealth:
    """What is open about a published plan.

    Rooms are counted once for each sitting. ``unseated`` people are qualified; ``unqualified`` ones are so no longer
    and still hold a seat. Tickets that ``differ`` tell something else than today's facts. A suspended candidate keeps
    the seat and misses no ticket.
    """

    rooms_lost: int = 0
    people_lost: int = 0
    unseated: int = 0
    unqualified: int = 0
    tickets_differ: int = 0
    tickets_missing: int = 0
    rooms_unwatched: int = 0
    papers_outdated: int = 0

    @property
    def all_have_tickets(self) -> bool:
        """Whether everybody with a seat holds a ticket that is true and whose room stands."""
        return not (self.rooms_lost or self.tickets_differ or self.tickets_missing)


@dataclass(frozen=True, slots=True)
class Open:
    """One open matter of a plan in words, and the next step with its page. ``grave``: people would go astray by it."""

    text: str
    step: str
    address: str
    grave: bool


def open_matters(health: PlanHealth, plan_id: UUID) -> list[Open]:
    """The open matters of a plan, the gravest first."""
    again, papers, duties = "/plans#draw-up", "/exams/papers", f"/plans/{plan_id}/duties"
    lost = f"{health.rooms_lost}个考场（场次×考场）已不能使用，{health.people_lost}名考生须重新安排座位"
    listed = (
        (health.rooms_lost, lost, "重新编排", again, True),
        (health.unseated, f"{health.unseated}名审查合格的考生没有座位", "重新编排", again, True),
        (health.unqualified, f"{health.unqualified}名考生已不合格，仍占有座位", "重新编排", again, True),
        (health.tickets_differ, f"{health.tickets_differ}张准考证与现在的安排不一致", "换发准考证", papers, True),
        (health.tickets_missing, f"{health.tickets_missing}名考生还没有准考证", "签发准考证", papers, False),
        (health.rooms_unwatched, f"{health.rooms_unwatched}个考场（场次×考场）没有监考人员", "安排监考", duties, False),
        (health.papers_outdated, f"{health.papers_outdated}份考务资料已过期", "重新生成", f"{papers}#jobs", False),
    )
    return [Open(text, step, address, grave) for count, text, step, address, grave in listed if count]


def health_of(session: ScopedSession, plan_ids: Iterable[UUID], *, whole: bool = True) -> Mapping[UUID, PlanHealth]:
    """The health of published plans, in one statement, however many they are.

    Without ``whole`` tickets and papers are not compared with what they tell, which takes long for a province.
    """
    rows = session.execute(_COUNTED, {"plans": list(plan_ids), "now": session.now, "whole": whole})
    return {row[0]: PlanHealth(*row[1:]) for row in rows}


def published_plans(session: ScopedSession, year: int, *, office_id: str | None = None) -> Sequence[Plan]:
    """The published plans of a year, of one office or of all that the session sees."""
    wanted = select(Plan).where(Plan.year == year, Plan.state == "published").order_by(Plan.office_id, Plan.exam)
    return session.scalars(wanted if office_id is None else wanted.where(Plan.office_id == office_id)).all()
