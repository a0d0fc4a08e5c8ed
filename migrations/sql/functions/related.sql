-- Whether somebody declared a relation, not ended, to the person or the unit of a case: by one of these accounts, or by
-- another account of the same human being.
CREATE FUNCTION related(p_accounts uuid[], p_application uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (
        SELECT FROM applications a
        JOIN declared_relations r ON r.ended_at IS NULL AND (r.person_id = a.person_id OR r.unit_id = a.unit_id)
        WHERE a.id = p_application AND r.account_id IN (
            SELECT unnest(p_accounts)
            UNION
            SELECT d.id FROM accounts c JOIN accounts d ON d.person_id = c.person_id WHERE c.id = ANY (p_accounts)
        )
    )
$$;

REVOKE ALL ON FUNCTION related(uuid[], uuid) FROM PUBLIC;
ALTER FUNCTION related(uuid[], uuid) OWNER TO kaowu_transfer;
