-- Only a sign-in (scope signin) reads a hash or a secret. The office that issued an account may give it a new
-- password, take a lost second factor away, unlock it and end its sessions.
ALTER TABLE failed_attempts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON failed_attempts TO kaowu_app;
GRANT UPDATE (account_id, count, last_at, blocked_until) ON failed_attempts TO kaowu_app;
GRANT DELETE ON failed_attempts TO kaowu_keeper;
GRANT SELECT (subject, last_at, blocked_until) ON failed_attempts TO kaowu_keeper;

CREATE POLICY failed_attempts_select ON failed_attempts FOR SELECT TO kaowu_app USING (
    {scope} = 'signin'
    OR EXISTS (SELECT FROM accounts c WHERE c.id = failed_attempts.account_id AND c.issued_by_office_id = {office})
);

CREATE POLICY failed_attempts_insert ON failed_attempts FOR INSERT TO kaowu_app WITH CHECK ({scope} = 'signin');

CREATE POLICY failed_attempts_update ON failed_attempts FOR UPDATE TO kaowu_app
    USING ({scope} = 'signin') WITH CHECK ({scope} = 'signin');

CREATE POLICY failed_attempts_delete ON failed_attempts FOR DELETE TO kaowu_app USING (
    {scope} = 'signin'
    OR EXISTS (SELECT FROM accounts c WHERE c.id = failed_attempts.account_id AND c.issued_by_office_id = {office})
);

CREATE POLICY keeper_finds ON failed_attempts FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_delete ON failed_attempts FOR DELETE TO kaowu_keeper USING (true);
