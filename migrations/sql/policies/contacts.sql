ALTER TABLE contacts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON contacts TO kaowu_app;
GRANT UPDATE (email, prefers, pending_email, code_hash, code_expires_at, tries_left) ON contacts TO kaowu_app;
GRANT SELECT (id, email, pending_email) ON contacts TO kaowu_keeper;
GRANT UPDATE (email, pending_email, code_hash) ON contacts TO kaowu_keeper;

CREATE POLICY contacts_select ON contacts FOR SELECT TO kaowu_app USING (
    id = {person} OR ({scope} = 'system' AND EXISTS (SELECT FROM persons p WHERE p.id = contacts.id))
);

CREATE POLICY contacts_insert ON contacts FOR INSERT TO kaowu_app WITH CHECK (id = {person});
CREATE POLICY contacts_update ON contacts FOR UPDATE TO kaowu_app USING (id = {person}) WITH CHECK (id = {person});
CREATE POLICY keeper_select ON contacts FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON contacts FOR UPDATE TO kaowu_keeper USING (true);
