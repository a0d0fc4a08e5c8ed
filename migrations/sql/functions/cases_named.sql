-- The cases that an office has in hand with a part of a name, or with a reading of its initials that begins so: under
-- row-level security no index finds a part. Empty texts find nothing.
CREATE FUNCTION cases_named(p_part text, p_letters text, p_most bigint) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT found.id
    FROM (
        SELECT a.id
        FROM applications a
        WHERE p_part <> '' AND a.handler_office_id = {office}
        AND regexp_split_to_array(a.person_name, '') @> regexp_split_to_array(p_part, '')
        AND strpos(a.person_name, p_part) > 0
        UNION
        SELECT a.id
        FROM applications a
        WHERE p_letters <> '' AND a.handler_office_id = {office}
        AND strpos(a.initials, ' ') > 0
        AND to_tsvector('simple'::regconfig, a.initials) @@ CAST(NULLIF(p_letters, '') || ':*' AS tsquery)
        AND strpos(a.initials, ' ' || p_letters) > 0
    ) found
    LIMIT p_most
$$;

REVOKE ALL ON FUNCTION cases_named(text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cases_named(text, text, bigint) TO kaowu_app;
ALTER FUNCTION cases_named(text, text, bigint) OWNER TO kaowu_transfer;
