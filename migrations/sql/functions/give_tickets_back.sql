-- Issues a ticket again that a suspension took, once it is lifted: to a candidate who is still qualified and has a seat in
-- a sitting to come. It is another ticket with a number of its own, for the seats of today.
CREATE FUNCTION give_tickets_back(p_application uuid) RETURNS TABLE (plan_id uuid, number text)
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    INSERT INTO admission_tickets
        (id, office_id, application_id, plan_id, number, seats_digest, grounds, issued_at, issued_by)
    SELECT uuidv7(), o.office_id, o.application_id, o.plan_id,
        left(o.number, -7) || lpad(nextval('ticket_numbers')::text, 7, '0'), l.digest, l.grounds, o.lifted_at, o.lifted_by
    FROM (
        SELECT DISTINCT ON (t.application_id) t.office_id, t.application_id, p.id AS plan_id, t.number, s.lifted_at,
            s.lifted_by
        FROM suspensions s
        JOIN admission_tickets t ON t.voided_by_suspension = s.id
        JOIN plans old ON old.id = t.plan_id
        JOIN applications a ON a.id = s.application_id AND a.state = 'qualified' AND NOT a.deferral_open
        JOIN seats e ON e.application_id = a.id AND e.published_at IS NOT NULL AND e.voided_at IS NULL
        JOIN sittings g ON g.id = e.sitting_id AND g.cancelled_at IS NULL AND g.ends_at > s.lifted_at
        JOIN plans p ON p.id = e.plan_id AND p.state = 'published' AND p.exam = old.exam
        WHERE s.application_id = p_application AND s.lifted_at IS NOT NULL AND NOT suspended(p_application)
        AND NOT EXISTS (
            SELECT FROM admission_tickets n
            WHERE n.application_id = p_application AND (n.voided_at IS NULL OR n.issued_at >= s.lifted_at))
        ORDER BY t.application_id, s.lifted_at DESC
    ) o
    JOIN ticket_grounds(ARRAY[p_application]) l ON l.application_id = o.application_id
    RETURNING plan_id, number
$$;

REVOKE ALL ON FUNCTION give_tickets_back(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION give_tickets_back(uuid) TO kaowu_app, kaowu_province;
ALTER FUNCTION give_tickets_back(uuid) OWNER TO kaowu_transfer;
