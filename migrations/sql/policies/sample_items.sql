ALTER TABLE sample_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON sample_items TO kaowu_app;
GRANT UPDATE (verdict, remark, decided_at, decided_by) ON sample_items TO kaowu_app;
GRANT SELECT ON sample_items TO kaowu_province, kaowu_auditor;

CREATE POLICY sample_items_select ON sample_items FOR SELECT TO kaowu_app USING (
    office_id = {office} OR EXISTS (SELECT FROM applications a WHERE a.id = sample_items.application_id)
);

CREATE POLICY sample_items_insert ON sample_items FOR INSERT TO kaowu_app WITH CHECK (office_id = {office});

CREATE POLICY sample_items_update ON sample_items FOR UPDATE TO kaowu_app
    USING (office_id = {office}) WITH CHECK (true);

CREATE POLICY sample_items_kaowu_province_select ON sample_items FOR SELECT TO kaowu_province USING (true);
CREATE POLICY sample_items_kaowu_auditor_select ON sample_items FOR SELECT TO kaowu_auditor USING (true);
