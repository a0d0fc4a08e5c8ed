-- The people who hold one of these roles in the asker's office at a moment, and who acts for them on leave. An office sees
-- the accounts that it issued; a county's colleagues may have been let in by the city.
CREATE FUNCTION reviewers_here(p_roles text[], p_now timestamptz)
RETURNS TABLE (account_id uuid, name text, person_id uuid, deputy_id uuid, deputy_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT DISTINCT ON (c.id) c.id, c.name, c.person_id, a.deputy_id, a.deputy_name
    FROM role_grants g
    JOIN accounts c ON c.id = g.account_id AND (c.ended_at IS NULL OR c.ended_at > p_now)
    LEFT JOIN acting_grants a ON a.grant_id = g.id AND a.valid_from <= p_now
        AND coalesce(a.ended_at, a.valid_until) > p_now AND 'review' = ANY (a.permissions)
    WHERE g.office_id = nullif(current_setting('kaowu.office_id', true), '') AND g.role = ANY (p_roles)
    AND g.valid_from <= p_now AND (g.valid_until IS NULL OR g.valid_until > p_now)
    ORDER BY c.id, a.valid_from
$$;

REVOKE ALL ON FUNCTION reviewers_here(text[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reviewers_here(text[], timestamptz) TO kaowu_app;
ALTER FUNCTION reviewers_here(text[], timestamptz) OWNER TO kaowu_transfer;
