-- Only a sign-in (scope signin) reads a hash or a secret. The office that issued an account may give it a new
-- password, unlock it and end its sessions; who takes a lost second factor away for an office below, ends them too.
ALTER TABLE browser_sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON browser_sessions TO kaowu_app;
GRANT UPDATE (token_hash, awaits, grant_id, seen_at, ended_at) ON browser_sessions TO kaowu_app;
GRANT DELETE ON browser_sessions TO kaowu_keeper;
GRANT SELECT (id, expires_at, ended_at) ON browser_sessions TO kaowu_keeper;

CREATE POLICY browser_sessions_select ON browser_sessions FOR SELECT TO kaowu_app USING (
    {scope} = 'signin'
    OR EXISTS (SELECT FROM accounts c WHERE c.id = browser_sessions.account_id AND c.issued_by_office_id = {office})
    OR EXISTS (
        SELECT FROM factor_removals r
        WHERE r.account_id = browser_sessions.account_id AND r.state = 'granted' AND r.decided_by = {account}
        AND r.decided_at >= browser_sessions.created_at
    )
);

CREATE POLICY browser_sessions_insert ON browser_sessions FOR INSERT TO kaowu_app WITH CHECK ({scope} = 'signin');

CREATE POLICY browser_sessions_update ON browser_sessions FOR UPDATE TO kaowu_app USING (
    {scope} = 'signin'
    OR EXISTS (SELECT FROM accounts c WHERE c.id = browser_sessions.account_id AND c.issued_by_office_id = {office})
    OR EXISTS (
        SELECT FROM factor_removals r
        WHERE r.account_id = browser_sessions.account_id AND r.state = 'granted' AND r.decided_by = {account}
        AND r.decided_at >= browser_sessions.created_at
    )
) WITH CHECK (
    {scope} = 'signin'
    OR EXISTS (SELECT FROM accounts c WHERE c.id = browser_sessions.account_id AND c.issued_by_office_id = {office})
    OR EXISTS (
        SELECT FROM factor_removals r
        WHERE r.account_id = browser_sessions.account_id AND r.state = 'granted' AND r.decided_by = {account}
        AND r.decided_at >= browser_sessions.created_at
    )
);

CREATE POLICY browser_sessions_delete ON browser_sessions FOR DELETE TO kaowu_app USING ({scope} = 'signin');
CREATE POLICY keeper_finds ON browser_sessions FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_delete ON browser_sessions FOR DELETE TO kaowu_keeper USING (true);
