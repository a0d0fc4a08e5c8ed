ALTER TABLE custody_handovers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON custody_handovers TO kaowu_app;
GRANT SELECT ON custody_handovers TO kaowu_province, kaowu_auditor;
GRANT SELECT (entry_id) ON custody_handovers TO kaowu_keeper;
GRANT UPDATE (from_keeper, to_keeper) ON custody_handovers TO kaowu_keeper;

CREATE POLICY app_select ON custody_handovers FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY app_insert ON custody_handovers FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND {may} && ARRAY['schedule', 'examine']
);

CREATE POLICY kaowu_province_select ON custody_handovers FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON custody_handovers FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON custody_handovers FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON custody_handovers FOR UPDATE TO kaowu_keeper USING (true);
