-- What stands against taking back the last move of a case, null for nothing: it is no decision, somebody else's, older
-- than ten minutes (UNDO_WITHIN in core/domain/workflow.py), the case has gone to another office with it, or something
-- was built on it since. Acts that the program itself can see are looked for by core/reviews/decisions/undo.py.
CREATE FUNCTION undo_bar(p_application uuid, p_account uuid, p_at timestamptz) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT CASE
        WHEN m.id IS NULL OR m.action NOT IN ('approve', 'return', 'reject', 'confirm', 'clear') THEN 'no_decision'
        WHEN m.account_id <> p_account THEN 'another'
        WHEN p_at >= m.at + interval '10 minutes' THEN 'late'
        WHEN a.handler_office_id <> m.office_id THEN 'elsewhere'
        WHEN EXISTS (SELECT FROM admission_tickets t WHERE t.application_id = a.id AND t.issued_at > m.at)
            OR EXISTS (SELECT FROM seats s WHERE s.application_id = a.id AND s.published_at > m.at)
            OR EXISTS (SELECT FROM sanction_cases c WHERE c.application_id = a.id AND c.opened_at > m.at)
            OR EXISTS (SELECT FROM suspensions x WHERE x.application_id = a.id AND x.imposed_at > m.at) THEN 'acted_on'
    END
    FROM applications a LEFT JOIN moves m ON m.application_id = a.id AND m.version = a.version
    WHERE a.id = p_application
$$;

REVOKE ALL ON FUNCTION undo_bar(uuid, uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION undo_bar(uuid, uuid, timestamptz) TO kaowu_app;
ALTER FUNCTION undo_bar(uuid, uuid, timestamptz) OWNER TO kaowu_transfer;
