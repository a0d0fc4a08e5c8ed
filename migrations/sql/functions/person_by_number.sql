-- The person of an identity number, for an officer before whom that person stands with the card; with the newest case,
-- whose office decides. An officer does not see drafts, and this shows none of their content.
CREATE FUNCTION person_by_number(p_hash bytea)
RETURNS TABLE (id uuid, name text, application_id uuid, office_id text, unit_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT p.id, p.name, a.id, a.office_id, a.unit_id FROM persons p
    LEFT JOIN LATERAL (
        SELECT n.id, n.office_id, n.unit_id FROM applications n WHERE n.person_id = p.id ORDER BY n.id DESC LIMIT 1
    ) a ON true
    WHERE p.id_hash = p_hash
    AND 'run_office' = ANY (nullif(current_setting('kaowu.permissions', true), '')::text[])
$$;

REVOKE ALL ON FUNCTION person_by_number(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION person_by_number(bytea) TO kaowu_app;
ALTER FUNCTION person_by_number(bytea) OWNER TO kaowu_transfer;
