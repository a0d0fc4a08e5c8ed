ALTER TABLE finding_settlements ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON finding_settlements TO kaowu_app;
GRANT SELECT ON finding_settlements TO kaowu_province, kaowu_auditor;
GRANT SELECT (application_id) ON finding_settlements TO kaowu_keeper;
GRANT UPDATE (reason) ON finding_settlements TO kaowu_keeper;

CREATE POLICY finding_settlements_select ON finding_settlements FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM applications a WHERE a.id = finding_settlements.application_id)
);

CREATE POLICY finding_settlements_insert ON finding_settlements FOR INSERT TO kaowu_app WITH CHECK (
    account_id = {account} AND office_id = {office}
    AND EXISTS (
        SELECT FROM applications a WHERE a.id = finding_settlements.application_id AND a.handler_office_id = {office}
    )
);

CREATE POLICY finding_settlements_kaowu_province_select ON finding_settlements FOR SELECT TO kaowu_province
    USING (true);

CREATE POLICY finding_settlements_kaowu_auditor_select ON finding_settlements FOR SELECT TO kaowu_auditor
    USING (true);

CREATE POLICY keeper_select ON finding_settlements FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON finding_settlements FOR UPDATE TO kaowu_keeper USING (true);
