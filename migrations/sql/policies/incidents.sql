-- The office's alone.
ALTER TABLE incidents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON incidents TO kaowu_app;
GRANT SELECT ON incidents TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, facts, happened_at) ON incidents TO kaowu_keeper;
GRANT UPDATE (facts, evidence, measures, reported_name) ON incidents TO kaowu_keeper;

CREATE POLICY app_select ON incidents FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY app_insert ON incidents FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND {may} && ARRAY['schedule', 'examine']
    AND (sitting_id IS NULL OR EXISTS (SELECT FROM sittings t WHERE t.id = sitting_id AND t.office_id = {office}))
    AND (
        application_id IS NULL
        OR EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.office_id = {office})
    )
);

CREATE POLICY kaowu_province_select ON incidents FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON incidents FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON incidents FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON incidents FOR UPDATE TO kaowu_keeper USING (true);
