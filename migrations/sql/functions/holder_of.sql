-- The name of a grant's holder, for the holder and for the offices where it is held or above.
CREATE FUNCTION holder_of(p_grant uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT c.name FROM role_grants g JOIN accounts c ON c.id = g.account_id WHERE g.id = p_grant
    AND (g.account_id = nullif(current_setting('kaowu.account_id', true), '')::uuid
        OR g.office_id = nullif(current_setting('kaowu.office_id', true), '')
        OR starts_with(g.office_id, nullif(current_setting('kaowu.office_id', true), '') || '/'))
$$;

ALTER FUNCTION holder_of(uuid) OWNER TO kaowu_transfer;
