-- The bans of whoever has an identity number, for a supervisor who knows the number in full and says why: of every office,
-- with their times and the office that decided, and nothing of what happened.
CREATE FUNCTION bans_of_number(p_hash bytea)
RETURNS TABLE (person_id uuid, name text, begins timestamptz, ends timestamptz, lifted_at timestamptz, office_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT p.id, p.name, b.begins, b.ends, b.lifted_at, b.office_id
    FROM persons p JOIN bans b ON b.person_id = p.id
    WHERE p.id_hash = p_hash AND (b.case_id IS NOT NULL OR b.confirmed_at IS NOT NULL) AND 'supervise' = ANY ({may})
    ORDER BY b.ends DESC
$$;

REVOKE ALL ON FUNCTION bans_of_number(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bans_of_number(bytea) TO kaowu_app, kaowu_province;
ALTER FUNCTION bans_of_number(bytea) OWNER TO kaowu_transfer;
