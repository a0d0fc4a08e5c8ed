ALTER TABLE paper_parts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON paper_parts TO kaowu_app;
GRANT SELECT ON paper_parts TO kaowu_province, kaowu_auditor;
GRANT DELETE ON paper_parts TO kaowu_keeper;
GRANT SELECT (id, content, made_at) ON paper_parts TO kaowu_keeper;
GRANT UPDATE (content) ON paper_parts TO kaowu_keeper;

CREATE POLICY app_select ON paper_parts FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY app_insert ON paper_parts FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND ({may} && ARRAY['schedule', 'examine'] OR {scope} = 'system')
);

CREATE POLICY app_delete ON paper_parts FOR DELETE TO kaowu_app USING (
    office_id = {office} AND ({may} && ARRAY['schedule', 'examine'] OR {scope} = 'system')
);

CREATE POLICY kaowu_province_select ON paper_parts FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON paper_parts FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON paper_parts FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON paper_parts FOR UPDATE TO kaowu_keeper USING (true);
CREATE POLICY keeper_delete ON paper_parts FOR DELETE TO kaowu_keeper USING (true);
