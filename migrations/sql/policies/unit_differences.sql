ALTER TABLE unit_differences ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON unit_differences TO kaowu_app;
GRANT SELECT ON unit_differences TO kaowu_province, kaowu_auditor;

CREATE POLICY unit_differences_select ON unit_differences FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY unit_differences_insert ON unit_differences FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office}
    AND by = {account}
    AND EXISTS (SELECT FROM units u WHERE u.id = first_id AND {office} IN (u.office_id, u.local_office_id))
    AND EXISTS (SELECT FROM units u WHERE u.id = second_id AND {office} IN (u.office_id, u.local_office_id))
);

CREATE POLICY unit_differences_delete ON unit_differences FOR DELETE TO kaowu_app USING (office_id = {office});
CREATE POLICY unit_differences_kaowu_province_select ON unit_differences FOR SELECT TO kaowu_province USING (true);
CREATE POLICY unit_differences_kaowu_auditor_select ON unit_differences FOR SELECT TO kaowu_auditor USING (true);
