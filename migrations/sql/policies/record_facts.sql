-- The trigger note_facts adds rows; the sealer says which entry has their digest, once; the keeper takes salts away.
ALTER TABLE record_facts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT INSERT ON record_facts TO kaowu_transfer;
GRANT SELECT, UPDATE (entry_id) ON record_facts TO kaowu_app;
GRANT SELECT, UPDATE (salt) ON record_facts TO kaowu_keeper;
GRANT SELECT ON record_facts TO kaowu_auditor;

CREATE POLICY record_facts_insert ON record_facts FOR INSERT TO kaowu_transfer WITH CHECK (true);
CREATE POLICY record_facts_select ON record_facts FOR SELECT TO kaowu_app USING ({scope} = 'system');
CREATE POLICY record_facts_update ON record_facts FOR UPDATE TO kaowu_app
    USING ({scope} = 'system') WITH CHECK ({scope} = 'system');
CREATE POLICY keeper_select ON record_facts FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON record_facts FOR UPDATE TO kaowu_keeper USING (true) WITH CHECK (true);
CREATE POLICY auditor_select ON record_facts FOR SELECT TO kaowu_auditor USING (true);
