ALTER TABLE manager_forms ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON manager_forms TO kaowu_app;
GRANT UPDATE (
    stamped_scan_sha256, state, decided_at, decided_by, remark, faults, account_id, access_issued_at
) ON manager_forms TO kaowu_app;
GRANT SELECT ON manager_forms TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, name, mobile, state, decided_at) ON manager_forms TO kaowu_keeper;
GRANT UPDATE (name, office_phone, mobile, remark, faults) ON manager_forms TO kaowu_keeper;
GRANT SELECT (id, stamped_scan_sha256) ON manager_forms TO kaowu_transfer;
GRANT UPDATE (stamped_scan_sha256) ON manager_forms TO kaowu_transfer;

CREATE POLICY manager_forms_select ON manager_forms FOR SELECT TO kaowu_app
    USING (unit_id = ANY ({units}) OR office_id = {office});

CREATE POLICY manager_forms_insert ON manager_forms FOR INSERT TO kaowu_app
    WITH CHECK (unit_id = ANY ({units}) OR office_id = {office});

CREATE POLICY manager_forms_update ON manager_forms FOR UPDATE TO kaowu_app
    USING (office_id = {office}) WITH CHECK (true);

CREATE POLICY manager_forms_kaowu_province_select ON manager_forms FOR SELECT TO kaowu_province USING (true);
CREATE POLICY manager_forms_kaowu_auditor_select ON manager_forms FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON manager_forms FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON manager_forms FOR UPDATE TO kaowu_keeper USING (true);
CREATE POLICY attached_select ON manager_forms FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY attached_update ON manager_forms FOR UPDATE TO kaowu_transfer USING (true);
