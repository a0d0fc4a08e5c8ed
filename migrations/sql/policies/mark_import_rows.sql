ALTER TABLE mark_import_rows ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON mark_import_rows TO kaowu_app;
GRANT SELECT ON mark_import_rows TO kaowu_province, kaowu_auditor;

CREATE POLICY mark_import_rows_select ON mark_import_rows FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY mark_import_rows_insert ON mark_import_rows FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may})
    AND EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.office_id = {office})
    AND EXISTS (
        SELECT FROM mark_imports i WHERE i.id = import_id AND i.state = 'proposed' AND i.proposed_by = {account}
    )
);

CREATE POLICY mark_import_rows_kaowu_province_select ON mark_import_rows FOR SELECT TO kaowu_province USING (true);
CREATE POLICY mark_import_rows_kaowu_auditor_select ON mark_import_rows FOR SELECT TO kaowu_auditor USING (true);
