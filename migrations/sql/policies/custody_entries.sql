-- The register is the office's alone.
ALTER TABLE custody_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON custody_entries TO kaowu_app;
GRANT UPDATE (keeper, place, keep_until, ended_at, ended_how) ON custody_entries TO kaowu_app;
GRANT SELECT ON custody_entries TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, keeper, ended_at) ON custody_entries TO kaowu_keeper;
GRANT UPDATE (keeper) ON custody_entries TO kaowu_keeper;

CREATE POLICY app_select ON custody_entries FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY app_insert ON custody_entries FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND {may} && ARRAY['schedule', 'examine']
);

CREATE POLICY app_update ON custody_entries FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND {may} && ARRAY['schedule', 'examine']
);

CREATE POLICY kaowu_province_select ON custody_entries FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON custody_entries FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON custody_entries FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON custody_entries FOR UPDATE TO kaowu_keeper USING (true);
