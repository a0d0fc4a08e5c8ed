-- The telephone, still encrypted, by which an applicant who signs in is reached.
CREATE FUNCTION applicant_contact(p_account uuid) RETURNS TABLE (person_id uuid, phone bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT p.id, p.phone FROM accounts a JOIN persons p ON p.id = a.person_id
    WHERE a.id = p_account AND a.issued_by_office_id IS NULL AND a.ended_at IS NULL
    AND current_setting('kaowu.scope', true) = 'signin'
$$;

REVOKE ALL ON FUNCTION applicant_contact(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION applicant_contact(uuid) TO kaowu_app;
ALTER FUNCTION applicant_contact(uuid) OWNER TO kaowu_transfer;
