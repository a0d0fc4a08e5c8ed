ALTER TABLE delegations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, UPDATE ON delegations TO kaowu_app;
GRANT SELECT ON delegations TO kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT UPDATE (scan_sha256) ON delegations TO kaowu_transfer;

CREATE POLICY delegations_select ON delegations FOR SELECT TO kaowu_app USING ({scope} IS NOT NULL);

CREATE POLICY delegations_insert ON delegations FOR INSERT TO kaowu_app
    WITH CHECK (from_office_id = {office} AND state = 'pending');

CREATE POLICY delegations_update ON delegations FOR UPDATE TO kaowu_app USING (
    from_office_id = {office} OR to_office_id = {office}
) WITH CHECK (true);

CREATE POLICY delegations_kaowu_province_select ON delegations FOR SELECT TO kaowu_province USING (true);
CREATE POLICY delegations_kaowu_auditor_select ON delegations FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY delegations_transfer_select ON delegations FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY attached_update ON delegations FOR UPDATE TO kaowu_transfer USING (true);
