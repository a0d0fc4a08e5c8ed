-- An applicant signs in by the identity number, of which the sign-in may read nothing but whose account it is.
CREATE FUNCTION applicant_account(p_hash bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT a.id FROM accounts a JOIN persons p ON p.id = a.person_id
    WHERE p.id_hash = p_hash AND a.issued_by_office_id IS NULL AND a.ended_at IS NULL
    AND current_setting('kaowu.scope', true) = 'signin'
$$;

REVOKE ALL ON FUNCTION applicant_account(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION applicant_account(bytea) TO kaowu_app;
ALTER FUNCTION applicant_account(bytea) OWNER TO kaowu_transfer;
