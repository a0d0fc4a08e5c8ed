-- Only a sign-in (scope signin) reads a hash or a secret. The office that issued an account may give it a new
-- password, take a lost second factor away, unlock it and end its sessions.
ALTER TABLE phone_codes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON phone_codes TO kaowu_app;
GRANT UPDATE (tries_left, used_at) ON phone_codes TO kaowu_app;
GRANT DELETE ON phone_codes TO kaowu_keeper;
GRANT SELECT (id, sealed, expires_at) ON phone_codes TO kaowu_keeper;
GRANT UPDATE (sealed) ON phone_codes TO kaowu_keeper;

CREATE POLICY phone_codes_select ON phone_codes FOR SELECT TO kaowu_app USING ({scope} = 'signin');
CREATE POLICY phone_codes_insert ON phone_codes FOR INSERT TO kaowu_app WITH CHECK ({scope} = 'signin');

CREATE POLICY phone_codes_update ON phone_codes FOR UPDATE TO kaowu_app
    USING ({scope} = 'signin') WITH CHECK ({scope} = 'signin');

CREATE POLICY phone_codes_delete ON phone_codes FOR DELETE TO kaowu_app USING ({scope} = 'signin');
CREATE POLICY keeper_finds ON phone_codes FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_select ON phone_codes FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON phone_codes FOR UPDATE TO kaowu_keeper USING (true);
CREATE POLICY keeper_delete ON phone_codes FOR DELETE TO kaowu_keeper USING (true);
