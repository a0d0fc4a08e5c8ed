-- Takes down the telephone that an applicant without an account has proved at the sign-in.
CREATE FUNCTION prove_phone(p_person uuid, p_phone bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    UPDATE persons SET phone = p_phone WHERE id = p_person
    AND current_setting('kaowu.scope', true) = 'signin'
    AND NOT EXISTS (
        SELECT FROM accounts a WHERE a.person_id = p_person AND a.issued_by_office_id IS NULL AND a.ended_at IS NULL
    )
$$;

REVOKE ALL ON FUNCTION prove_phone(uuid, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prove_phone(uuid, bytea) TO kaowu_app;
ALTER FUNCTION prove_phone(uuid, bytea) OWNER TO kaowu_transfer;
