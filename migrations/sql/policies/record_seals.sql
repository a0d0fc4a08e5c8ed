ALTER TABLE record_seals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON record_seals TO kaowu_app;
GRANT SELECT ON record_seals TO kaowu_province, kaowu_auditor;

CREATE POLICY record_seals_select ON record_seals FOR SELECT TO kaowu_app USING (
    office_id = {office} OR EXISTS (SELECT FROM record_entries e WHERE e.id = entry_id)
);

CREATE POLICY record_seals_insert ON record_seals FOR INSERT TO kaowu_app
    WITH CHECK ({scope} = 'system' AND office_id = {office});

CREATE POLICY record_seals_kaowu_province_select ON record_seals FOR SELECT TO kaowu_province USING (true);
CREATE POLICY record_seals_kaowu_auditor_select ON record_seals FOR SELECT TO kaowu_auditor USING (true);
