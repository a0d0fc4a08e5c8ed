-- The tickets that the asker's own move made void, for the entry of the record.
CREATE FUNCTION tickets_void_by(p_move uuid) RETURNS TABLE (plan_id uuid, number text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT t.plan_id, t.number FROM admission_tickets t JOIN moves m ON m.id = t.voided_by_move
    WHERE m.id = p_move AND m.account_id = nullif(current_setting('kaowu.account_id', true), '')::uuid
$$;

REVOKE ALL ON FUNCTION tickets_void_by(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tickets_void_by(uuid) TO kaowu_app, kaowu_province;
ALTER FUNCTION tickets_void_by(uuid) OWNER TO kaowu_transfer;
