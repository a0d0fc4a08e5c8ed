"""Rules for seats, tickets, marks, lists and certificates after a season; each broken rule is a violation."""

from collections.abc import Mapping

EXAM_RULES: Mapping[str, str] = {
    "one_seat_given_twice": """
            SELECT min(id::text) FROM seats WHERE published_at IS NOT NULL AND voided_at IS NULL
            GROUP BY sitting_id, room_id, seat HAVING count(*) > 1""",
    "seated_twice_for_one_subject": """
            SELECT a.reference FROM seats s JOIN sittings t ON t.id = s.sitting_id CROSS JOIN unnest(t.subjects) AS u
            JOIN applications a ON a.id = s.application_id WHERE s.published_at IS NOT NULL AND s.voided_at IS NULL
            GROUP BY a.reference, u HAVING count(*) > 1""",
    "more_people_than_machines": """
            SELECT r.name FROM seats s JOIN exam_rooms r ON r.id = s.room_id
            WHERE s.published_at IS NOT NULL AND s.voided_at IS NULL
            GROUP BY r.id, s.sitting_id HAVING count(*) > r.machines - r.reserve_machines""",
    "seat_at_a_site_that_dropped_out": """
            SELECT s.id::text FROM seats s JOIN sittings t ON t.id = s.sitting_id
            JOIN exam_rooms r ON r.id = s.room_id JOIN exam_sites e ON e.id = r.site_id
            WHERE s.published_at IS NOT NULL AND s.voided_at IS NULL AND e.closed_at < t.starts_at""",
    "seat_of_somebody_not_qualified": """
            SELECT a.reference FROM seats s JOIN applications a ON a.id = s.application_id
            JOIN sittings t ON t.id = s.sitting_id
            JOIN moves m ON m.application_id = a.id AND m.version = a.version
            WHERE s.published_at IS NOT NULL AND s.voided_at IS NULL AND a.state <> 'qualified' AND t.ends_at > m.at
            AND NOT EXISTS (SELECT FROM attendances d WHERE d.application_id = a.id AND d.sitting_id = t.id
                AND d.state = 'present' AND d.received_at <= m.at)""",
    "ticket_of_somebody_not_qualified": """
            SELECT t.number FROM admission_tickets t JOIN applications a ON a.id = t.application_id
            WHERE t.voided_at IS NULL AND a.state <> 'qualified'""",
    "qualified_without_a_seat": """
            SELECT a.reference FROM applications a WHERE a.state = 'qualified' AND :closed AND NOT EXISTS (
                SELECT FROM seats s WHERE s.application_id = a.id AND s.published_at IS NOT NULL
                AND s.voided_at IS NULL)""",
    "neighbours_of_one_unit_that_could_sit_apart": """
            SELECT id::text FROM plans WHERE state = 'published'
            AND (figures ->> 'neighbours')::int > (figures ->> 'unavoidable')::int""",
    "ticket_without_a_seat": """
            SELECT t.number FROM admission_tickets t WHERE t.voided_at IS NULL AND NOT EXISTS (
                SELECT FROM seats s WHERE s.application_id = t.application_id AND s.published_at IS NOT NULL
                AND s.voided_at IS NULL)""",
    "seat_without_a_ticket": """
            SELECT a.reference FROM seats s JOIN applications a ON a.id = s.application_id
            WHERE s.published_at IS NOT NULL AND s.voided_at IS NULL AND a.state = 'qualified' AND NOT EXISTS (
                SELECT FROM admission_tickets t WHERE t.application_id = s.application_id AND t.voided_at IS NULL)""",
    "ticket_with_an_open_deferral": """
            SELECT t.number FROM admission_tickets t JOIN deferrals d ON d.application_id = t.application_id
            WHERE d.committed_at <= t.issued_at AND (d.ended_at IS NULL OR d.ended_at > t.issued_at)""",
    "marks_confirmed_by_whoever_handed_them_in": """
            SELECT id::text FROM mark_imports WHERE state = 'confirmed' AND decided_by = proposed_by""",
    "mark_of_somebody_absent_without_a_reason": """
            SELECT a.reference FROM marks m JOIN applications a ON a.id = m.application_id
            JOIN LATERAL noted_at_door(ARRAY[m.application_id], m.known_at) d ON d.subject = m.subject
            LEFT JOIN mark_imports i ON i.id = m.import_id
            WHERE d.standing = 'absent' AND m.status <> 'absent' AND m.correction_id IS NULL AND NOT EXISTS (
                SELECT FROM jsonb_array_elements(i.contradictions) c
                WHERE c ->> 'application' = m.application_id::text AND c ->> 'subject' = m.subject)""",
    "absent_without_a_table_or_a_door_list": """
            SELECT a.reference FROM marks m JOIN applications a ON a.id = m.application_id
            WHERE m.import_id IS NULL AND m.correction_id IS NULL AND NOT EXISTS (
                SELECT FROM noted_at_door(ARRAY[m.application_id], m.known_at) d
                WHERE d.subject = m.subject AND d.standing = 'absent')""",
    "noted_as_absent_and_without_a_mark": """
            SELECT a.reference FROM outcomes o JOIN applications a ON a.id = o.application_id
            JOIN LATERAL noted_at_door(ARRAY[o.application_id], o.decided_at) d ON d.standing = 'absent'
            WHERE NOT EXISTS (
                SELECT FROM marks m WHERE m.application_id = o.application_id AND m.subject = d.subject)""",
    "passed_without_every_subject": """
            SELECT a.reference FROM outcomes o JOIN applications a ON a.id = o.application_id
            WHERE o.passed AND EXISTS (
                SELECT FROM season_subjects s LEFT JOIN marks m
                ON m.application_id = o.application_id AND m.subject = s.subject
                WHERE s.year = o.year AND s.grade = o.grade AND (m.mark IS NULL OR m.status <> 'scored'))""",
    "certificate_without_a_pass": """
            SELECT c.number FROM certificates c LEFT JOIN outcomes o ON o.application_id = c.application_id
            WHERE NOT coalesce(o.passed, false)""",
    "certificate_without_a_closed_list": """
            SELECT c.number FROM certificates c WHERE NOT EXISTS (
                SELECT FROM publication_entries e JOIN publications p ON p.id = e.publication_id
                WHERE e.application_id = c.application_id AND (e.struck_at IS NULL OR e.struck_at > c.issued_at)
                AND p.state = 'closed' AND p.ends_at <= c.issued_at)""",
    "valid_certificate_of_somebody_disqualified": """
            SELECT c.number FROM certificates c JOIN applications a ON a.id = c.application_id
            WHERE a.state = 'disqualified' AND c.revoked_at IS NULL AND c.superseded_at IS NULL""",
    "disqualified_without_a_final_case": """
            SELECT a.reference FROM applications a WHERE a.state = 'disqualified' AND NOT EXISTS (
                SELECT FROM sanction_cases s
                WHERE s.application_id = a.id AND s.state = 'final' AND s.disqualifies)""",
}
"""Each rule with the query that finds the rows that break it."""
