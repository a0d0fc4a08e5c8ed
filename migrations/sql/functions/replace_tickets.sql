-- Makes tickets true again: those in force that tell something else than today's facts are void from p_now, and
-- everybody who still has a seat gets another under another number. It reaches tickets of these cases, of everybody
-- with a seat at these sites or in these sittings, and of the exams of these plans; of other offices too, for a site
-- may serve several. A ticket whose sittings are all over has served its purpose and stays. ``changed`` names the
-- fields that differ.
CREATE FUNCTION replace_tickets(
    p_cases uuid[], p_sites uuid[], p_sittings uuid[], p_plans uuid[], p_now timestamptz, p_reason text
) RETURNS TABLE (
    office_id text, old_plan uuid, new_plan uuid, application_id uuid, person_id uuid, old_number text,
    new_id uuid, new_number text, fields text[], told jsonb, tells jsonb
) LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    WITH reached AS MATERIALIZED (
        SELECT unnest(p_cases) AS id
        UNION SELECT s.application_id FROM seats s JOIN exam_rooms r ON r.id = s.room_id
            WHERE r.site_id = ANY (p_sites) AND s.published_at IS NOT NULL AND s.voided_at IS NULL
        UNION SELECT s.application_id FROM seats s
            WHERE s.sitting_id = ANY (p_sittings) AND s.published_at IS NOT NULL AND s.voided_at IS NULL
        UNION SELECT x.application_id FROM plans p
            JOIN plans o ON o.office_id = p.office_id AND o.year = p.year AND o.exam = p.exam
            JOIN admission_tickets x ON x.plan_id = o.id AND x.voided_at IS NULL
            WHERE p.id = ANY (p_plans)
    ), held AS MATERIALIZED (
        SELECT x.id, x.office_id, x.plan_id, x.application_id, x.number, x.grounds, a.person_id, a.state
        FROM admission_tickets x JOIN applications a ON a.id = x.application_id
        WHERE x.voided_at IS NULL AND a.id IN (SELECT id FROM reached)
        ORDER BY a.id
        FOR SHARE OF a
    ), present AS MATERIALIZED (
        SELECT g.*, EXISTS (
            SELECT FROM seats s JOIN sittings t ON t.id = s.sitting_id
            WHERE s.application_id = g.application_id AND t.ends_at > p_now
            AND s.published_at IS NOT NULL AND s.voided_at IS NULL) AS to_come
        FROM ticket_grounds(ARRAY(SELECT h.application_id FROM held h)) g
    ), stale AS (
        SELECT h.*, p.plan_id AS next_plan, p.digest, p.grounds AS tells,
            CASE WHEN p.grounds IS NULL THEN ARRAY['seats'] ELSE ARRAY(
                SELECT k FROM jsonb_object_keys(p.grounds) k
                WHERE p.grounds -> k IS DISTINCT FROM h.grounds -> k ORDER BY k) END AS fields
        FROM held h LEFT JOIN present p ON p.application_id = h.application_id
        WHERE h.state <> 'qualified' OR p.application_id IS NULL OR (p.to_come AND p.grounds IS DISTINCT FROM h.grounds)
    ), void AS (
        UPDATE admission_tickets x SET voided_at = p_now, void_reason = p_reason, changed = s.fields
        FROM stale s WHERE x.id = s.id
        RETURNING s.*
    ), made AS (
        INSERT INTO admission_tickets
            (id, office_id, application_id, plan_id, number, seats_digest, grounds, issued_at, issued_by)
        SELECT uuidv7(), v.office_id, v.application_id, v.next_plan,
            left(v.number, 8) || lpad(nextval('ticket_numbers')::text, 7, '0'), v.digest, v.tells, p_now,
            nullif(current_setting('kaowu.account_id', true), '')::uuid
        FROM void v WHERE v.tells IS NOT NULL AND v.state = 'qualified'
        RETURNING id, application_id, number
    )
    SELECT v.office_id, v.plan_id, v.next_plan, v.application_id, v.person_id, v.number,
        m.id, m.number, v.fields, v.grounds, v.tells
    FROM void v LEFT JOIN made m ON m.application_id = v.application_id
    ORDER BY v.number
$$;

REVOKE ALL ON FUNCTION replace_tickets(uuid[], uuid[], uuid[], uuid[], timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION replace_tickets(uuid[], uuid[], uuid[], uuid[], timestamptz, text) TO kaowu_app, kaowu_province;
ALTER FUNCTION replace_tickets(uuid[], uuid[], uuid[], uuid[], timestamptz, text) OWNER TO kaowu_transfer;
