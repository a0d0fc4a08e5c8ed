-- What became of an objection, for the objector alone, who knows its receipt number and gave the mobile number: both
-- are in the keyed hash.
CREATE FUNCTION objection_standing(p_asked_by bytea)
RETURNS TABLE (
    receipt text, objected_position bigint, received_at timestamptz, state text, decided_at timestamptz, reason text,
    remedy text, publication_id uuid, examined boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT o.receipt, o.position, o.received_at, o.state, o.decided_at, o.reason, o.remedy, o.publication_id,
        EXISTS (SELECT FROM strikings s WHERE s.objection_id = o.id AND s.state = 'proposed')
    FROM objections o WHERE o.asked_by_hash = p_asked_by
$$;

REVOKE ALL ON FUNCTION objection_standing(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION objection_standing(bytea) TO kaowu_app, kaowu_province, kaowu_auditor;
ALTER FUNCTION objection_standing(bytea) OWNER TO kaowu_transfer;
