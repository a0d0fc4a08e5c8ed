-- The colleague of that login who holds a role in the same place and could act for the holder of a grant.
CREATE FUNCTION colleague(p_grant uuid, p_login text, p_at timestamptz, OUT id uuid, OUT name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT c.id, c.name FROM role_grants g
    JOIN role_grants d ON d.office_id IS NOT DISTINCT FROM g.office_id AND d.unit_id IS NOT DISTINCT FROM g.unit_id
    JOIN accounts c ON c.id = d.account_id
    WHERE g.id = p_grant AND c.login = p_login AND c.id <> g.account_id AND num_nonnulls(g.office_id, g.unit_id) = 1
    AND (g.office_id = nullif(current_setting('kaowu.office_id', true), '')
        OR starts_with(g.office_id, nullif(current_setting('kaowu.office_id', true), '') || '/')
        OR g.account_id = nullif(current_setting('kaowu.account_id', true), '')::uuid)
    AND d.valid_from <= p_at AND (d.valid_until IS NULL OR d.valid_until > p_at)
    AND (c.ended_at IS NULL OR c.ended_at > p_at)
    LIMIT 1
$$;

ALTER FUNCTION colleague(uuid, text, timestamptz) OWNER TO kaowu_transfer;
