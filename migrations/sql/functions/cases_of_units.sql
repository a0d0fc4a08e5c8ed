-- How many drafts units have, and how many cases wait for their decision or for a correction that comes back to them: for
-- the officer who is about to end a unit. An office does not see drafts; this shows their number alone.
CREATE FUNCTION cases_of_units(p_units uuid[])
RETURNS TABLE (drafts bigint, waiting bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT
        count(*) FILTER (WHERE a.state = 'draft' AND a.unit_id = ANY (p_units)),
        count(*) FILTER (
            WHERE (a.state IN ('unit_review', 'returned') AND a.unit_id = ANY (p_units))
            OR (a.state = 'department_review' AND a.department_id = ANY (p_units))
        )
    FROM applications a
    WHERE (a.unit_id = ANY (p_units) OR a.department_id = ANY (p_units))
    AND nullif(current_setting('kaowu.scope', true), '') IN ('office', 'system', 'province')
$$;

REVOKE ALL ON FUNCTION cases_of_units(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cases_of_units(uuid[]) TO kaowu_app, kaowu_province;
ALTER FUNCTION cases_of_units(uuid[]) OWNER TO kaowu_transfer;
