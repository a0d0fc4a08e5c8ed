-- Sites, sittings and courses are public facts that everybody may read; who is enrolled, and how a check turned out,
-- is not.
ALTER TABLE training_courses ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON training_courses TO kaowu_app;
GRANT UPDATE (cancelled_at, cancelled_reason) ON training_courses TO kaowu_app;
GRANT SELECT ON training_courses TO kaowu_province, kaowu_auditor, kaowu_transfer;

CREATE POLICY app_select ON training_courses FOR SELECT TO kaowu_app USING ({scope} IS NOT NULL);

CREATE POLICY app_insert ON training_courses FOR INSERT TO kaowu_app
    WITH CHECK (office_id = {office} AND 'schedule' = ANY ({may}));

CREATE POLICY app_update ON training_courses FOR UPDATE TO kaowu_app
    USING (office_id = {office} AND 'schedule' = ANY ({may}));

CREATE POLICY kaowu_province_select ON training_courses FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON training_courses FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY transfer_select ON training_courses FOR SELECT TO kaowu_transfer USING (true);
