-- Whether a unit may put right at once what it typed of a person: nobody has claimed the person by an account, and all
-- that is known are drafts of this unit that were never submitted.
CREATE FUNCTION is_own_slip(p_person uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT current_setting('kaowu.scope', true) = 'unit'
    AND NOT EXISTS (SELECT FROM accounts c WHERE c.person_id = p_person)
    AND EXISTS (SELECT FROM applications a WHERE a.person_id = p_person)
    AND NOT EXISTS (
        SELECT FROM applications a WHERE a.person_id = p_person
        AND NOT (a.round = 0 AND a.unit_id = ANY (nullif(current_setting('kaowu.unit_ids', true), '')::uuid[]))
    )
$$;

REVOKE ALL ON FUNCTION is_own_slip(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_own_slip(uuid) TO kaowu_app;
ALTER FUNCTION is_own_slip(uuid) OWNER TO kaowu_transfer;
