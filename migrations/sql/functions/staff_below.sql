-- For supervisors: who holds one of these roles at their office or below it at a moment, an account with two of them at
-- an office once. An office sees the accounts that it issued; its own were often issued by the one above.
CREATE FUNCTION staff_below(p_roles text[], p_now timestamptz)
RETURNS TABLE (office_id text, account_id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT DISTINCT g.office_id, c.id, c.name
    FROM role_grants g
    JOIN accounts c ON c.id = g.account_id AND (c.ended_at IS NULL OR c.ended_at > p_now)
    WHERE 'supervise' = ANY ({may}) AND g.role = ANY (p_roles)
    AND (g.office_id = {office} OR starts_with(g.office_id, {office} || '/'))
    AND g.valid_from <= p_now AND (g.valid_until IS NULL OR g.valid_until > p_now)
$$;

REVOKE ALL ON FUNCTION staff_below(text[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION staff_below(text[], timestamptz) TO kaowu_app;
ALTER FUNCTION staff_below(text[], timestamptz) OWNER TO kaowu_transfer;
