ALTER TABLE invigilations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON invigilations TO kaowu_app;
GRANT SELECT ON invigilations TO kaowu_province, kaowu_auditor;

CREATE POLICY invigilations_select ON invigilations FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY invigilations_insert ON invigilations FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND ('schedule' = ANY ({may}) OR {scope} = 'system')
);

CREATE POLICY invigilations_delete ON invigilations FOR DELETE TO kaowu_app USING (
    office_id = {office} AND ('schedule' = ANY ({may}) OR {scope} = 'system')
);

CREATE POLICY kaowu_province_select ON invigilations FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON invigilations FOR SELECT TO kaowu_auditor USING (true);

-- For duties_reached.
GRANT SELECT ON invigilations TO kaowu_transfer;
CREATE POLICY transfer_select ON invigilations FOR SELECT TO kaowu_transfer USING (true);
