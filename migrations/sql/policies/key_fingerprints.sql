-- The keeper of keys writes them; the auditor alone reads them besides.
ALTER TABLE key_fingerprints ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, UPDATE (fingerprint, noted_at, retired_at) ON key_fingerprints TO kaowu_keeper;
GRANT SELECT ON key_fingerprints TO kaowu_auditor;

CREATE POLICY keeper_select ON key_fingerprints FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_insert ON key_fingerprints FOR INSERT TO kaowu_keeper WITH CHECK (true);
CREATE POLICY keeper_update ON key_fingerprints FOR UPDATE TO kaowu_keeper USING (true) WITH CHECK (true);
CREATE POLICY auditor_select ON key_fingerprints FOR SELECT TO kaowu_auditor USING (true);
