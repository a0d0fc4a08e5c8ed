"""What must hold after every act, by name, and how many rows each act could choose from: one statement, one round trip.

The rules of a simulated season (``core/simulate``) hold here as well, without those that a season meets only at its
end: candidates wait for a plan, and seats for their tickets.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.simulate.exam_invariants import EXAM_RULES
from core.simulate.invariants import RULES
from tests.histories.acts import Act, World, placeholders

_ONLY_AT_THE_END = {
    "closed_season_with_an_open_draft_or_return",
    "qualified_without_a_seat",
    # Between the publication of a plan and its tickets.
    "seat_without_a_ticket",
    # Between the loss of a site and the next plan.
    "seat_at_a_site_that_dropped_out",
    # These count revoked certificates as well; OWN has them for the valid ones.
    "certificate_without_a_pass",
    "certificate_without_a_closed_list",
}

OWN: Mapping[str, str] = {
    "unqualified_with_a_ticket_in_force": """
        SELECT t.number FROM admission_tickets t JOIN applications a ON a.id = t.application_id
        WHERE t.voided_at IS NULL AND a.state <> 'qualified'""",
    "unqualified_with_a_seat_to_come": """
        SELECT a.reference FROM seats s JOIN applications a ON a.id = s.application_id
        JOIN sittings t ON t.id = s.sitting_id
        WHERE s.published_at IS NOT NULL AND s.voided_at IS NULL AND t.starts_at > :now AND a.state <> 'qualified'""",
    "unqualified_let_in": """
        SELECT a.reference FROM attendances d JOIN applications a ON a.id = d.application_id
        WHERE d.state = 'present' AND (SELECT m.to_state FROM moves m
            WHERE m.application_id = d.application_id AND m.at <= d.received_at
            ORDER BY m.version DESC LIMIT 1) IS DISTINCT FROM 'qualified'""",
    "ticket_tells_something_else": """
        SELECT t.number FROM admission_tickets t LEFT JOIN ticket_grounds(ARRAY(
            SELECT application_id FROM admission_tickets WHERE voided_at IS NULL)) g USING (application_id)
        WHERE t.voided_at IS NULL AND t.grounds IS DISTINCT FROM g.grounds
        AND EXISTS (SELECT FROM seats s JOIN sittings x ON x.id = s.sitting_id WHERE s.application_id = t.application_id
            AND s.published_at IS NOT NULL AND s.voided_at IS NULL AND x.ends_at > :now)""",
    "valid_certificate_without_a_standing_pass": """
        SELECT c.number FROM certificates c LEFT JOIN outcomes o USING (application_id)
        WHERE c.revoked_at IS NULL AND c.superseded_at IS NULL
        AND NOT coalesce(o.passed AND o.published_at IS NOT NULL, false)
        AND NOT (coalesce(o.correction_id IS NOT NULL, false) AND EXISTS (SELECT FROM notices n
            WHERE n.application_id = c.application_id AND n.kind = 'certificate_to_revoke'))""",
    "valid_certificate_without_a_closed_list": """
        SELECT c.number FROM certificates c LEFT JOIN publication_entries e
            ON e.application_id = c.application_id AND e.publication_id = c.publication_id AND e.struck_at IS NULL
        LEFT JOIN publications p ON p.id = e.publication_id AND p.state = 'closed'
        WHERE c.revoked_at IS NULL AND c.superseded_at IS NULL AND p.id IS NULL""",
    "valid_certificate_of_somebody_not_qualified": """
        SELECT c.number FROM certificates c JOIN applications a ON a.id = c.application_id
        WHERE c.revoked_at IS NULL AND c.superseded_at IS NULL AND a.state <> 'qualified'""",
    "listed_and_not_qualified": """
        SELECT a.reference FROM publication_entries e JOIN publications p ON p.id = e.publication_id
        JOIN applications a ON a.id = e.application_id
        WHERE e.struck_at IS NULL AND p.state = 'published' AND a.state <> 'qualified'""",
    "open_case_not_on_exactly_one_desk": """
        SELECT a.reference FROM applications a WHERE a.round > 0 AND (
            SELECT count(*) FROM case_handlers h WHERE h.application_id = a.id AND h.until IS NULL
            AND h.office_id = a.handler_office_id
            AND (h.office_id = a.office_id OR EXISTS (SELECT FROM delegations d WHERE d.id = h.delegation_id
                AND d.to_office_id = h.office_id AND d.from_office_id = a.office_id))) <> 1""",
    "figures_by_desk_and_by_place_differ": """
        SELECT f.year || ' ' || f.what FROM (
            SELECT year, what, decision, sum(n) AS n FROM case_counts GROUP BY year, what, decision
            UNION ALL SELECT year, state, false, -count(*) FROM applications GROUP BY year, state
            UNION ALL SELECT a.year, m.action, true, -count(*) FROM moves m
            JOIN applications a ON a.id = m.application_id
            WHERE m.action IN ('approve', 'confirm', 'return', 'reject', 'reopen') GROUP BY a.year, m.action) f
        GROUP BY f.year, f.what, f.decision HAVING sum(f.n) <> 0""",
}
"""The rules of these histories alone."""

HELD: Mapping[str, str] = {
    **{name: query for name, query in {**RULES, **EXAM_RULES}.items() if name not in _ONLY_AT_THE_END},
    **OWN,
}
"""Every rule that holds after every act."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the database found: broken rules, and how many rows each act may choose from, by its name."""

    broken: tuple[str, ...]
    waiting: Mapping[str, int]


class Inspection:
    """The one statement that looks at everything."""

    def __init__(self, acts: Iterable[Act], rules: Mapping[str, str] = HELD) -> None:
        self._acts = tuple(acts)
        self._kinds = sorted({(act.table, act.when) for act in self._acts if act.table})
        broken = " UNION ALL ".join(
            f"SELECT '{name}: ' || r.what FROM ({query}) r (what)" for name, query in rules.items()
        )
        counted = ", ".join(f"(SELECT count(*) FROM {table} t WHERE {when})" for table, when in self._kinds)
        self._query = placeholders(f"SELECT ARRAY({broken}), ARRAY[{counted}]::bigint[]")

    def __call__(self, world: World) -> Found:
        """Look at the world as the superuser."""
        with world.all_seeing():
            cursor = world.season.connection.connection.cursor()
            row = cursor.execute(self._query, {"now": world.now}, prepare=True).fetchone()
        broken, counts = row
        counted = dict(zip(self._kinds, counts, strict=True))
        return Found(tuple(broken), {act.name: counted.get((act.table, act.when), 1) for act in self._acts})
