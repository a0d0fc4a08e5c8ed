-- Voids the ticket in force of a suspended candidate; the seats stay. The asker has imposed the suspension.
CREATE FUNCTION hold_tickets(p_application uuid, p_reason text) RETURNS TABLE (plan_id uuid, number text)
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    UPDATE admission_tickets t
    SET voided_at = s.imposed_at, void_reason = '暂停考核：' || p_reason, voided_by_suspension = s.id
    FROM suspensions s
    WHERE s.application_id = p_application AND s.lifted_at IS NULL
    AND t.application_id = s.application_id AND t.voided_at IS NULL
    RETURNING t.plan_id, t.number
$$;

REVOKE ALL ON FUNCTION hold_tickets(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_tickets(uuid, text) TO kaowu_app, kaowu_province;
ALTER FUNCTION hold_tickets(uuid, text) OWNER TO kaowu_transfer;
