"""Rules that hold in the database after every season; each broken rule is a violation.

Read as the province's auditor, straight from the tables and not through the services that wrote them.
"""

from collections.abc import Mapping

from sqlalchemy import select, text

from core.db.session import AuditorSession
from core.domain.calendar import calendar_from_json, check_against_frame
from core.oversight.models import Filing
from core.plugin_api import ExamCalendar, Grade, WindowKind
from core.seasons.queries import calendar_as_of
from core.simulate.exam_invariants import EXAM_RULES

RULES: Mapping[str, str] = {
    "state_without_its_move": """
            SELECT a.reference FROM applications a
            LEFT JOIN moves m ON m.application_id = a.id AND m.version = a.version
            WHERE CASE WHEN a.version = 0 THEN a.state <> 'draft' ELSE m.to_state IS DISTINCT FROM a.state END""",
    "broken_chain_of_moves": """
            SELECT a.reference FROM applications a JOIN (
                SELECT application_id, from_state, version,
                    lag(to_state) OVER (PARTITION BY application_id ORDER BY version) AS before,
                    lag(version) OVER (PARTITION BY application_id ORDER BY version) AS earlier FROM moves
            ) m ON m.application_id = a.id
            WHERE m.from_state <> coalesce(m.before, 'draft') OR m.version <> coalesce(m.earlier, 0) + 1""",
    "move_outside_the_table_of_verbs": """
            SELECT m.id::text FROM moves m LEFT JOIN transitions t USING (action, from_state, to_state)
            WHERE t.action IS NULL""",
    "decision_by_an_office_not_in_charge": """
            SELECT m.id::text FROM moves m
            WHERE m.acting_office_id IS NOT NULL AND m.capacity = 'office' AND NOT EXISTS (
                SELECT FROM case_handlers h WHERE h.application_id = m.application_id
                AND h.office_id = m.acting_office_id AND h."from" <= m.at AND (h.until IS NULL OR m.at <= h.until))""",
    "not_exactly_one_office_in_charge": """
            SELECT a.reference FROM applications a
            WHERE (SELECT count(*) FROM case_handlers h WHERE h.application_id = a.id AND h.until IS NULL
                   AND h.office_id = a.handler_office_id) <> 1
            OR (SELECT count(*) FROM case_handlers h WHERE h.application_id = a.id AND h.until IS NULL) <> 1""",
    "gap_between_offices_in_charge": """
            SELECT a.reference FROM applications a JOIN (
                SELECT application_id, "from",
                    lag(until) OVER (PARTITION BY application_id ORDER BY "from", id) AS ended,
                    row_number() OVER (PARTITION BY application_id ORDER BY "from", id) AS position FROM case_handlers
            ) h ON h.application_id = a.id WHERE h.position > 1 AND h."from" IS DISTINCT FROM h.ended""",
    "in_charge_without_a_delegation": """
            SELECT a.reference FROM case_handlers h JOIN applications a ON a.id = h.application_id
            WHERE h.office_id <> a.office_id AND h.delegation_id IS NULL""",
    "two_live_applications_of_one_person": """
            SELECT person_id::text FROM applications WHERE state NOT IN ('draft', 'withdrawn', 'rejected', 'expired')
            GROUP BY person_id, year HAVING count(*) > 1""",
    "qualified_with_an_unsettled_finding": """
            SELECT a.reference FROM applications a JOIN findings f ON f.application_id = a.id AND f.round = a.round
            WHERE a.state = 'qualified' AND f.severity = 'asks' AND NOT coalesce((
                SELECT s.satisfied FROM finding_settlements s WHERE s.finding_id = f.id
                ORDER BY s.at DESC, s.id DESC LIMIT 1), false)""",
    "submitted_with_a_blocking_finding": """
            SELECT a.reference FROM applications a JOIN findings f ON f.application_id = a.id
            WHERE f.severity = 'blocks'""",
    "qualified_with_an_open_deferral": """
            SELECT a.reference FROM applications a JOIN deferrals d ON d.application_id = a.id
            WHERE a.state = 'qualified' AND d.state IN ('open', 'supplemented')""",
    "one_account_decided_two_stages": """
            SELECT a.reference FROM applications a JOIN moves m ON m.application_id = a.id
            WHERE m.action IN ('approve', 'confirm') GROUP BY a.reference, m.round, m.account_id
            HAVING count(DISTINCT m.from_state) > 1""",
    "decision_on_ones_own_case": """
            SELECT a.reference FROM moves m JOIN applications a ON a.id = m.application_id
            JOIN accounts c ON c.id = m.account_id
            WHERE c.person_id = a.person_id AND m.capacity NOT IN ('applicant', 'system')""",
    "decision_without_a_reason": """
            SELECT id::text FROM moves WHERE btrim(reason) = ''
            AND action IN ('return', 'reject', 'lapse', 'reopen', 'disqualify')""",
    "application_of_a_banned_person": """
            SELECT a.reference FROM submissions s JOIN applications a ON a.id = s.application_id
            JOIN bans b ON b.person_id = a.person_id
            WHERE greatest(b.begins, b.decided_at) <= s.received_at AND s.received_at < b.ends
            AND (b.lifted_at IS NULL OR b.lifted_at > s.received_at)""",
    "case_counted_by_another_office_than_its_units": """
            SELECT a.reference FROM applications a JOIN units u ON u.id = a.unit_id
            WHERE a.office_id <> u.office_id""",
    "figures_that_do_not_add_up": """
            SELECT office_id || ' ' || what FROM (
                SELECT office_id, local_office_id, handler_office_id, year, state AS what, grade,
                    round > 0 AS submitted, false AS decision, 1 AS n FROM applications
                UNION ALL
                SELECT a.office_id, a.local_office_id, answers_for(m.id), a.year, m.action, NULL,
                    m.acting_office_id IS NOT NULL, true, 1 FROM moves m JOIN applications a ON a.id = m.application_id
                WHERE m.action IN ('approve', 'confirm', 'return', 'reject', 'reopen')
                AND NOT EXISTS (SELECT FROM moves u WHERE u.application_id = m.application_id
                    AND u.version = m.version + 1 AND u.action = 'undo')
                UNION ALL
                SELECT office_id, local_office_id, handler_office_id, year, what, grade, submitted, decision, -n
                FROM case_counts
            ) f GROUP BY office_id, local_office_id, handler_office_id, year, what, grade, submitted, decision
            HAVING sum(n) <> 0""",
    "closed_season_with_an_open_draft_or_return": """
            SELECT reference FROM applications WHERE state IN ('draft', 'returned') AND :closed""",
}

_LATE = """
    SELECT s.id, a.reference, a.local_office_id, a.grade, s.received_at FROM submissions s
    JOIN applications a ON a.id = s.application_id
    WHERE s.round = 1 AND s.late_entry_id IS NULL AND a.year = :year
    ORDER BY a.local_office_id, a.grade, s.received_at
"""


def violations(session: AuditorSession, *, year: int, closed: bool) -> list[str]:
    """Every broken rule with what broke it, ``rule: reference``; ``closed`` says that the hard end has passed."""
    found = []
    for rule, query in {**RULES, **EXAM_RULES}.items():
        bound = {"closed": closed} if ":closed" in query else {}
        found += [f"{rule}: {which}" for which in session.scalars(text(query), bound)]
    return found + _filings_outside(session, year) + _outside_the_window(session, year)


def _filings_outside(session: AuditorSession, year: int) -> list[str]:
    """Received exam dates that left the province's frame as it was at the moment of the receipt."""
    found = []
    for filing in session.scalars(select(Filing).filter_by(year=year, kind="exam_dates", state="received")):
        assert filing.decided_at is not None  # noqa: S101 - a received filing has been decided
        frame = calendar_as_of(session, filing.to_office_id, year, filing.decided_at)
        outside = check_against_frame(calendar_from_json(filing.content["windows"]), frame)
        found += [f"filing_outside_the_frame: {filing.receipt_number} {fault}" for fault in outside]
    return found


def _outside_the_window(session: AuditorSession, year: int) -> list[str]:
    """First submissions outside the office's registration window without a late entry."""
    calendars: dict[str, ExamCalendar] = {}
    found = []
    for row in session.execute(text(_LATE), {"year": year}):
        if row.local_office_id not in calendars:
            calendars[row.local_office_id] = calendar_as_of(session, row.local_office_id, year, session.now)
        window = calendars[row.local_office_id].window(WindowKind.REGISTRATION, Grade(row.grade))
        if window is None or not window.contains(row.received_at):
            found.append(f"submitted_outside_the_window: {row.reference}")
    return found
