-- Which of these accounts may score which numbers of a panel: nobody themselves, nobody of their own unit, and nobody
-- to whom they declared a relation. Asked as
-- the role that may look behind the numbers, for the office's own panels alone.
CREATE FUNCTION may_judge(p_panel uuid, p_accounts uuid[]) RETURNS TABLE (candidate_id uuid, account_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT i.candidate_id, c.id
    FROM panel_identities i
    JOIN applications a ON a.id = i.application_id
    CROSS JOIN accounts c
    LEFT JOIN panel_members m ON m.panel_id = i.panel_id AND m.account_id = c.id
    WHERE i.panel_id = p_panel AND i.office_id = {office} AND c.id = ANY (p_accounts)
    AND c.person_id IS DISTINCT FROM a.person_id
    AND m.person_id IS DISTINCT FROM a.person_id
    AND m.unit_id IS DISTINCT FROM a.unit_id
    AND NOT related(ARRAY[c.id], a.id)
$$;

REVOKE ALL ON FUNCTION may_judge(uuid, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION may_judge(uuid, uuid[]) TO kaowu_app;
ALTER FUNCTION may_judge(uuid, uuid[]) OWNER TO kaowu_transfer;
