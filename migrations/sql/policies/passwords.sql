-- Only a sign-in (scope signin) reads a hash or a secret. The office that issued an account may give it a new
-- password, take a lost second factor away, unlock it and end its sessions.
ALTER TABLE passwords ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON passwords TO kaowu_app;

CREATE POLICY passwords_select ON passwords FOR SELECT TO kaowu_app USING ({scope} = 'signin');

CREATE POLICY passwords_insert ON passwords FOR INSERT TO kaowu_app WITH CHECK (
    {scope} = 'signin'
    OR EXISTS (SELECT FROM accounts c WHERE c.id = passwords.account_id AND c.issued_by_office_id = {office})
);

CREATE POLICY passwords_delete ON passwords FOR DELETE TO kaowu_app USING ({scope} = 'signin');
