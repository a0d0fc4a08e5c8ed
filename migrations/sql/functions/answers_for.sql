-- The office that answers for a decision, for good: the one that acted. A reopening counts against the office whose
-- decision it overturns. Where no office acted (a unit, the clock), it is the office in charge at that moment.
CREATE FUNCTION answers_for(p_move uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT coalesce(
        CASE WHEN m.action = 'reopen' THEN (
            SELECT d.acting_office_id FROM moves d
            WHERE d.application_id = m.application_id AND d.version < m.version AND d.acting_office_id IS NOT NULL
            AND d.action IN ('approve', 'confirm', 'reject', 'return')
            ORDER BY d.version DESC LIMIT 1
        ) ELSE m.acting_office_id END,
        m.office_id
    ) FROM moves m WHERE m.id = p_move
$$;

REVOKE ALL ON FUNCTION answers_for(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION answers_for(uuid) TO kaowu_auditor;
ALTER FUNCTION answers_for(uuid) OWNER TO kaowu_transfer;
