-- The anonymous panels that score and of which somebody who acts is or was a member: by the account, by another account
-- of the same human being, or as a deputy. Their numbers lead nowhere for them.
CREATE FUNCTION blind_panels() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT CASE WHEN current_setting('kaowu.scope', true) IN ('office', 'province', 'auditor') THEN (
        SELECT coalesce(array_agg(DISTINCT p.id), '{}')
        FROM panel_members m JOIN evaluation_panels p ON p.id = m.panel_id
        WHERE p.anonymous AND p.state = 'scoring'
        AND m.account_id IN (
            SELECT unnest(acting_accounts())
            UNION
            SELECT b.id FROM accounts a JOIN accounts b ON b.person_id = a.person_id
            WHERE a.id = ANY (acting_accounts())
        )
    ) ELSE '{}' END
$$;

REVOKE ALL ON FUNCTION blind_panels() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION blind_panels() TO kaowu_app, kaowu_province, kaowu_auditor;
ALTER FUNCTION blind_panels() OWNER TO kaowu_transfer;
