"""What must hold after every act, by name, and how many rows each act could choose from: one statement, one round trip.

The rules of a simulated season (``core/simulate``) hold here as well, without those that a season meets only at its
end: candidates wait for a plan, and seats for their tickets.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.simulate.exam_invariants import EXAM_RULES
from core.simulate.invariants import RULES
from tests.factories import RULES as RULE_DOCUMENT
from tests.histories.acts import Act, World

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

_TAKEN_IN = {"applications": "created_at", "late_entries": "approved_at", "post_statements": "stated_at"}
_BEGINNINGS = {
    **_TAKEN_IN,
    "calendar_versions": "made_at",
    "evaluation_panels": "made_at",
    "exam_sites": "registered_at",
    "filings": "filed_at",
    "mark_imports": "proposed_at",
    "plans": "made_at",
    "reminders": "sent_at",
    "sittings": "set_at",
    "training_courses": "set_at",
}
"""What begins in a year, with the column of its moment."""


def _begun(tables: Mapping[str, str], phase: str) -> str:
    """Rows that were made just now in a year whose phase, by the last act that holds, is the one asked for."""
    held = "CASE WHEN phase = 'closed' THEN greatest(effective, confirmed_at) ELSE effective END"
    phases = (
        f"SELECT DISTINCT ON (year) year, phase FROM season_acts WHERE cancelled_at IS NULL AND {held} < :now"
        f" AND (phase <> 'closed' OR confirmed_at IS NOT NULL) ORDER BY year, {held} DESC, made_at DESC"
    )
    rows = " UNION ALL ".join(
        f"SELECT '{table} ' || t.id FROM {table} t JOIN p USING (year) WHERE t.{moment} = :now AND {phase}"
        for table, moment in tables.items()
    )
    return f"WITH p AS ({phases}) {rows}"


_TOLD_THE_PERSON = (
    (
        "moves",
        "t.action IN ('return', 'reject', 'lapse', 'reopen', 'disqualify')",
        "t.at",
        "'application.' || t.action",
    ),
    ("review_appeals", "t.state = 'upheld'", "t.answered_at", "'review_appeal_upheld'"),
    ("mark_corrections", "t.state = 'refused'", "t.decided_at", "'mark_correction_refused'"),
    ("score_checks", "t.state = 'dismissed'", "t.answered_at", "'score_check_dismissed'"),
    ("accommodation_requests", "t.state = 'refused'", "t.decided_at", "'accommodation_decided'"),
    ("certificate_reissues", "t.state = 'refused'", "t.decided_at", "'certificate_reissue_refused'"),
    ("identity_corrections", "t.state = 'refused'", "t.decided_at", "'identity_refused'"),
)
"""Second halves that say no to a person: table, condition, moment, and the kind of the notice."""
_TOLD_ANOTHER = (
    ("onsite_batches", "t.state = 'returned'", "t.decided_at", "'onsite_batch.returned'", "n.unit_id = t.unit_id"),
    ("filings", "t.state = 'returned'", "t.decided_at", "'filing_returned'", "n.recipient_office_id = t.office_id"),
    (
        "sample_items",
        "t.verdict IN ('correction_ordered', 'overturned')",
        "t.decided_at",
        "'supervision'",
        "n.application_id = t.application_id AND n.recipient_office_id IS NOT NULL",
    ),
    (
        "delegations",
        "t.state = 'cancelled'",
        "n.created_at",
        "'delegation'",
        "n.event_key LIKE 'delegation:' || t.id || ':%'",
    ),
    (
        "mark_imports",
        "t.state = 'withdrawn' AND t.decided_by <> t.proposed_by",
        "t.decided_at",
        "'marks_withdrawn'",
        "n.recipient_office_id = t.office_id",
    ),
)
"""The same to a unit or an office, with the recipient."""

_LASTING = ", ".join(sorted({f"'{material.code}'" for material in RULE_DOCUMENT.materials if material.lasting}))
_COPIES = """
    record_entries e JOIN applications a ON a.id::text = e.subject_id
    JOIN applications s ON s.reference = e.payload ->> 'source'
    WHERE e.kind = 'application.copied' AND e.at = :now"""
"""The copies of this moment: the draft ``a`` and its source ``s``."""

PEOPLE: Mapping[str, str] = {
    "question_or_answer_that_nobody_is_told_of": """
        SELECT i.id::text FROM inquiries i WHERE NOT EXISTS (SELECT FROM notices n WHERE n.kind = 'inquiry_open'
            AND n.created_at = i.asked_at AND n.recipient_office_id = i.office_id)
        OR (i.state = 'answered' AND NOT EXISTS (SELECT FROM notices n WHERE n.kind = 'inquiry_answered'
            AND n.created_at = i.answered_at AND n.person_id = i.person_id AND strpos(n.body, i.answer) > 0))""",
    "question_about_the_case_of_another": """
        SELECT i.id::text FROM inquiries i JOIN applications a ON a.id = i.application_id
        WHERE a.person_id <> i.person_id OR a.year <> i.year""",
    "too_many_questions": """
        SELECT person_id::text FROM inquiries WHERE state = 'open' GROUP BY person_id HAVING count(*) > 3
        UNION ALL SELECT i.id::text FROM inquiries i WHERE (SELECT count(*) FROM inquiries o
            WHERE o.person_id = i.person_id AND o.asked_at <= i.asked_at
            AND o.asked_at > i.asked_at - interval '24 hours') > 5""",
    "open_question_under_an_earlier_name": """
        SELECT i.id::text FROM inquiries i JOIN persons p ON p.id = i.person_id
        WHERE i.state = 'open' AND i.person_name <> p.name""",
    "reminded_twice_a_day": """
        SELECT min(id::text) FROM reminders GROUP BY day, coalesce(person_id, unit_id) HAVING count(*) > 1""",
    "reminded_and_owes_nothing": """
        SELECT r.id::text FROM reminders r LEFT JOIN applications a ON a.id = r.application_id WHERE r.sent_at = :now
        AND CASE WHEN r.unit_id IS NULL
            THEN a.person_id <> r.person_id OR a.state NOT IN ('draft', 'returned', 'provisional')
            ELSE r.cases > (SELECT count(*) FROM applications o
                WHERE o.unit_id = r.unit_id AND o.year = r.year AND o.state IN ('unit_review', 'onsite_confirmation'))
        END""",
    "reminded_and_comes_to_a_closed_door": """
        SELECT r.id::text FROM reminders r JOIN applications a ON a.id = r.application_id
        WHERE r.sent_at = :now AND a.state = 'draft'
        AND :now >= make_timestamptz(a.year::int, 4, 6, 0, 0, 0, 'Asia/Shanghai')""",
    "reminder_without_its_message": """
        SELECT r.id::text FROM reminders r WHERE NOT EXISTS (SELECT FROM notices n WHERE n.created_at = r.sent_at
            AND n.kind = 'reminder.owed' AND n.event_key LIKE '%:' || coalesce(r.person_id, r.unit_id)::text)""",
    "begun_in_a_closed_year": _begun(_BEGINNINGS, "p.phase = 'closed'"),
    "taken_in_by_a_year_that_ends": _begun(_TAKEN_IN, "p.phase <> 'open'"),
    "posts_of_an_ended_unit": """
        SELECT s.id::text FROM post_statements s JOIN units u ON u.id = s.unit_id
        WHERE s.stated_at = :now AND u.ended_at IS NOT NULL AND u.ended_at <= s.stated_at""",
    "copy_that_declares_for_the_person": f"""
        SELECT a.reference FROM {_COPIES}
        AND ((a.form ->> 'declared_true')::boolean OR jsonb_array_length(a.form -> 'acknowledgements') > 0)""",
    "copy_that_differs_from_its_source": f"""
        SELECT a.reference FROM {_COPIES} AND (a.person_id <> s.person_id OR a.state <> 'draft' OR a.round > 0
            OR (a.year = s.year AND a.form - ARRAY['declared_true', 'acknowledgements']
                <> s.form - ARRAY['declared_true', 'acknowledgements'])
            OR (a.year <> s.year AND (a.form ? 'grade' OR a.form ? 'path' OR a.form ? 'trade')))""",
    "copy_of_a_paper_that_does_not_last": f"""
        SELECT a.reference FROM (SELECT a.id, a.reference FROM {_COPIES} AND a.year <> s.year) a
        JOIN documents f ON f.application_id = a.id WHERE f.material NOT IN ({_LASTING})""",
    "paper_replaced_under_the_eyes_of_reviewers": """
        SELECT f.id::text FROM documents f JOIN applications a ON a.id = f.application_id
        WHERE (f.superseded_at = :now AND a.state NOT IN ('draft', 'returned')
            AND f.material <> 'accommodation.evidence' AND NOT EXISTS (SELECT FROM deferrals d
            WHERE d.application_id = a.id AND d.material = f.material AND d.state IN ('open', 'supplemented')))
        OR (f.uploaded_at = :now AND a.state IN ('withdrawn', 'expired', 'disqualified', 'rejected'))""",
    "paper_on_behalf_that_nobody_is_told_of": """
        SELECT e.payload ->> 'document' FROM record_entries e WHERE e.kind = 'document.uploaded'
        AND e.payload ->> 'on_behalf' = 'unit' AND NOT EXISTS (SELECT FROM notices n JOIN applications a
            ON a.id = n.application_id AND a.person_id = n.person_id
            WHERE n.event_key = 'paper_on_behalf:' || e.subject_id || ':' || (e.at AT TIME ZONE 'Asia/Shanghai')::date
        )""",
    "supplied_by_a_paper_of_something_else": """
        SELECT d.id::text FROM deferrals d LEFT JOIN documents f ON f.id = d.document_id
            AND f.application_id = d.application_id AND f.material = d.material
        WHERE d.state IN ('supplemented', 'cleared') AND f.id IS NULL""",
    "supplied_too_late": """
        SELECT id::text FROM deferrals WHERE supplemented_at >= due_at""",
}
"""The rules of what people and units do beside the review."""

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
            WHERE m.application_id = d.application_id AND m.at <= d.noted_at
            ORDER BY m.version DESC LIMIT 1) IS DISTINCT FROM 'qualified'""",
    "ticket_tells_something_else": """
        SELECT t.number FROM admission_tickets t LEFT JOIN ticket_grounds(ARRAY(
            SELECT application_id FROM admission_tickets WHERE voided_at IS NULL)) g USING (application_id)
        WHERE t.voided_at IS NULL AND t.grounds IS DISTINCT FROM g.grounds
        AND EXISTS (SELECT FROM seats s JOIN sittings x ON x.id = s.sitting_id WHERE s.application_id = t.application_id
            AND s.published_at IS NOT NULL AND s.voided_at IS NULL AND x.ends_at > :now)""",
    "qualified_without_a_deferred_paper": """
        SELECT a.reference FROM applications a JOIN deferrals d ON d.application_id = a.id AND d.state = 'lapsed'
        JOIN submissions s ON s.application_id = a.id AND s.round = a.round
        CROSS JOIN jsonb_array_elements(s.requirements) r
        WHERE a.state = 'qualified' AND r ->> 'code' = d.material AND (r ->> 'required')::boolean
        AND (r ->> 'deferrable')::boolean AND NOT EXISTS (SELECT FROM documents f
            WHERE f.application_id = a.id AND f.material = d.material AND f.superseded_at IS NULL)""",
    "valid_certificate_without_a_standing_pass": """
        SELECT c.number FROM certificates c LEFT JOIN outcomes o USING (application_id)
        WHERE c.revoked_at IS NULL AND c.superseded_at IS NULL
        AND NOT coalesce(o.passed AND o.published_at IS NOT NULL AND o.annulled_at IS NULL, false)
        AND NOT (coalesce(o.correction_id IS NOT NULL, false) AND EXISTS (SELECT FROM notices n
            WHERE n.application_id = c.application_id AND n.kind = 'certificate_to_revoke'))""",
    "valid_certificate_without_a_closed_list": """
        SELECT c.number FROM certificates c LEFT JOIN publication_entries e
            ON e.application_id = c.application_id AND e.publication_id = c.publication_id AND e.struck_at IS NULL
        LEFT JOIN publications p ON p.id = e.publication_id AND p.state = 'closed'
        WHERE c.revoked_at IS NULL AND c.superseded_at IS NULL AND p.id IS NULL""",
    "person_on_two_lists": """
        SELECT min(e.application_id::text) FROM publication_entries e
        WHERE e.struck_at IS NULL AND e.released_at IS NULL GROUP BY e.application_id HAVING count(*) > 1""",
    "ended_list_that_binds_somebody": """
        SELECT p.id::text FROM publications p JOIN publication_entries e ON e.publication_id = p.id
        WHERE p.state IN ('corrected', 'withdrawn') AND e.struck_at IS NULL AND e.released_at IS NULL""",
    "certificate_of_a_list_that_was_withdrawn": """
        SELECT c.number FROM certificates c JOIN publications p ON p.id = c.publication_id
        WHERE p.state <> 'closed'""",
    "two_editions_of_a_list_in_force": """
        SELECT min(p.id::text) FROM publications p WHERE p.state IN ('draft', 'published', 'closed')
        GROUP BY p.office_id, p.year, p.version HAVING count(*) > 1""",
    "list_closed_with_something_unanswered": """
        SELECT p.id::text FROM publications p JOIN publications e USING (office_id, year, version)
        WHERE p.state = 'closed' AND (
            EXISTS (SELECT FROM objections o WHERE o.publication_id = e.id AND o.state = 'open')
            OR EXISTS (SELECT FROM strikings s WHERE s.publication_id = e.id AND s.kind = 'strike'
                AND s.state = 'proposed')
            OR EXISTS (SELECT FROM objections o WHERE o.publication_id = e.id AND o.remedy <> ''
                AND o.decided_at > p.published_at))""",
    "struck_before_the_person_could_speak": """
        SELECT s.id::text FROM strikings s WHERE s.kind = 'strike' AND s.state = 'granted'
        AND (s.decided_at < s.heard_until OR s.decided_by = s.proposed_by)""",
    "struck_without_a_decision": """
        SELECT e.application_id::text FROM publication_entries e JOIN applications a ON a.id = e.application_id
        WHERE e.struck_at IS NOT NULL AND e.struck_by_correction IS NULL AND e.released_at IS NULL
        AND NOT EXISTS (SELECT FROM strikings s WHERE s.application_id = e.application_id AND s.kind = 'strike'
            AND s.state = 'granted' AND s.decided_at = e.struck_at)
        AND NOT EXISTS (SELECT FROM moves m WHERE m.application_id = e.application_id AND m.at = e.struck_at)""",
    "valid_certificate_of_somebody_not_qualified": """
        SELECT c.number FROM certificates c JOIN applications a ON a.id = c.application_id
        WHERE c.revoked_at IS NULL AND c.superseded_at IS NULL AND a.state <> 'qualified'""",
    "two_certificates_in_force": """
        SELECT min(number) FROM certificates WHERE revoked_at IS NULL AND superseded_at IS NULL
        GROUP BY application_id HAVING count(*) > 1""",
    "suspended_with_a_ticket_in_force": """
        SELECT t.number FROM admission_tickets t JOIN suspensions s ON s.application_id = t.application_id
        WHERE t.voided_at IS NULL AND s.lifted_at IS NULL""",
    "suspended_let_in": """
        SELECT a.reference FROM attendances d JOIN applications a ON a.id = d.application_id
        JOIN suspensions s ON s.application_id = d.application_id
        WHERE d.state = 'present' AND s.imposed_at < d.noted_at
        AND (s.lifted_at IS NULL OR d.noted_at < s.lifted_at)""",
    "certificate_issued_during_a_case": """
        SELECT c.number FROM certificates c JOIN sanction_cases s ON s.application_id = c.application_id
        WHERE s.opened_at <= c.issued_at AND NOT EXISTS (SELECT FROM sanction_steps x WHERE x.case_id = s.id
            AND x.at <= c.issued_at AND x.to_state IN ('final', 'dropped', 'cleared', 'overturned'))""",
    "decided_while_the_time_to_be_heard_ran": """
        SELECT c.id::text FROM sanction_cases c JOIN sanction_steps d ON d.case_id = c.id AND d.action = 'decide'
        WHERE d.at < coalesce(c.hearing_until, 'infinity') AND NOT EXISTS (SELECT FROM sanction_steps f
            WHERE f.case_id = c.id AND f.action = 'finish' AND f.version < d.version)""",
    "one_hand_twice_in_a_sanction": """
        SELECT c.id::text FROM sanction_cases c JOIN sanction_steps s ON s.case_id = c.id
        WHERE s.action IN ('decide', 'carry_out', 'uphold') AND (s.account_id IN (c.opened_by, c.opened_on_behalf)
            OR (s.action <> 'decide' AND s.account_id = c.decided_by))""",
    "application_begun_during_a_ban": """
        SELECT a.reference FROM applications a JOIN bans b ON b.person_id = a.person_id
        WHERE a.created_at > greatest(b.begins, coalesce(b.confirmed_at, b.decided_at)) AND a.created_at < b.ends
        AND (b.case_id IS NOT NULL OR b.confirmed_at IS NOT NULL)
        AND (b.lifted_at IS NULL OR a.created_at < b.lifted_at)""",
    "reviewed_again_beside_a_case": """
        SELECT a.reference FROM moves m JOIN applications a ON a.id = m.application_id
        JOIN applications o ON o.person_id = a.person_id AND o.year = a.year AND o.id <> a.id
        JOIN sanction_cases c ON c.application_id = o.id
        WHERE m.at = :now AND m.action IN ('reopen', 'undo') AND m.from_state = 'rejected'
        AND (c.state IN ('proposed', 'hearing', 'decided', 'appealed') OR (c.state = 'final' AND c.disqualifies))""",
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
            WHERE m.action IN ('approve', 'confirm', 'return', 'reject', 'reopen')
            AND NOT EXISTS (SELECT FROM moves u WHERE u.application_id = m.application_id
                AND u.version = m.version + 1 AND u.action = 'undo') GROUP BY a.year, m.action) f
        GROUP BY f.year, f.what, f.decision HAVING sum(f.n) <> 0""",
    "taken_back_late_or_by_another": """
        SELECT u.id::text FROM moves u JOIN moves m ON m.application_id = u.application_id AND m.version = u.version - 1
        WHERE u.action = 'undo' AND (u.account_id <> m.account_id OR u.at >= m.at + interval '10 minutes'
            OR u.to_state <> m.from_state OR u.from_state <> m.to_state)""",
    "message_of_a_decision_taken_back": """
        SELECT o.id::text FROM outbox o JOIN moves m ON o.event_key = 'move:' || m.id
        JOIN moves u ON u.application_id = m.application_id AND u.version = m.version + 1 AND u.action = 'undo'
        WHERE o.state = 'queued'""",
    "assigned_by_an_office_without_the_case": """
        SELECT a.reference FROM case_assignments c JOIN applications a ON a.id = c.application_id
        WHERE NOT EXISTS (SELECT FROM case_handlers h WHERE h.application_id = c.application_id
            AND h.office_id = c.office_id AND h."from" <= c.at AND (h.until IS NULL OR h.until >= c.at))""",
    "assigned_outside_the_office_or_to_the_applicant": """
        SELECT a.reference FROM case_assignments c JOIN applications a ON a.id = c.application_id
        JOIN accounts k ON k.id = c.account_id
        WHERE k.person_id = a.person_id OR NOT EXISTS (SELECT FROM role_grants g
            WHERE g.account_id = c.account_id AND g.office_id = c.office_id)""",
    "decision_that_passes_over_every_item": """
        SELECT m.id::text FROM moves m WHERE m.action IN ('approve', 'confirm', 'return') AND NOT m.bulk
        AND NOT EXISTS (SELECT FROM review_items i WHERE i.application_id = m.application_id AND i.at = m.at)""",
    "under_review_without_a_required_paper": """
        SELECT a.reference FROM applications a
        JOIN submissions s ON s.application_id = a.id AND s.round = a.round
        CROSS JOIN jsonb_array_elements(s.requirements) r
        WHERE a.state IN ('unit_review', 'department_review', 'qualification_review', 'onsite_confirmation')
        AND (r ->> 'required')::boolean AND NOT (r ->> 'deferrable')::boolean AND NOT EXISTS (
            SELECT FROM documents f
            WHERE f.application_id = a.id AND f.material = r ->> 'code' AND f.superseded_at IS NULL)""",
    "nobody_told_of_a_refusal": " UNION ALL ".join(
        f"SELECT '{table} ' || t.id FROM {table} t JOIN applications a ON a.id = t.application_id WHERE {refused} AND"
        f" NOT EXISTS (SELECT FROM notices n WHERE n.application_id = a.id AND n.created_at = {at} AND n.kind = {kind}"
        f" AND n.person_id = a.person_id)"
        for table, refused, at, kind in _TOLD_THE_PERSON
    ),
    "nobody_told_of_a_return": " UNION ALL ".join(
        f"SELECT '{table} ' || t.id FROM {table} t WHERE {refused} AND NOT EXISTS (SELECT FROM notices n"
        f" WHERE n.created_at = {at} AND n.kind = {kind} AND {recipient})"
        for table, refused, at, kind, recipient in _TOLD_ANOTHER
    ),
}
"""The rules of these histories alone."""

HELD: Mapping[str, str] = {
    **{name: query for name, query in {**RULES, **EXAM_RULES}.items() if name not in _ONLY_AT_THE_END},
    **OWN,
    **PEOPLE,
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
        self._name = f"inspection_{len(rules)}_{len(self._kinds)}"
        query = f"SELECT ARRAY({broken}), ARRAY[{counted}]::bigint[]"
        self._prepare = f"PREPARE {self._name} (timestamptz) AS {query.replace(':now', '$1')}"

    def __call__(self, world: World) -> Found:
        """Look at the world as the superuser. The statement is planned once for each connection."""
        connection = world.season.connection
        with world.all_seeing():
            if self._name not in connection.info:
                connection.exec_driver_sql(self._prepare.replace("%", "%%"))
                connection.info[self._name] = True
            [row] = connection.exec_driver_sql(f"EXECUTE {self._name} ('{world.now.isoformat()}')").all()
        broken, counts = row
        counted = dict(zip(self._kinds, counts, strict=True))
        return Found(tuple(broken), {act.name: counted.get((act.table, act.when), 1) for act in self._acts})
