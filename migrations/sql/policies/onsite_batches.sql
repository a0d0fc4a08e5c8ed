ALTER TABLE onsite_batches ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON onsite_batches TO kaowu_app;
GRANT UPDATE (state, receipt_number, decided_at, decided_by, remark) ON onsite_batches TO kaowu_app;
GRANT SELECT ON onsite_batches TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, stamped_scan_sha256) ON onsite_batches TO kaowu_transfer;
GRANT UPDATE (stamped_scan_sha256) ON onsite_batches TO kaowu_transfer;

CREATE POLICY onsite_batches_select ON onsite_batches FOR SELECT TO kaowu_app
    USING (unit_id = ANY ({units}) OR office_id = {office});

CREATE POLICY onsite_batches_insert ON onsite_batches FOR INSERT TO kaowu_app WITH CHECK (unit_id = ANY ({units}));

CREATE POLICY onsite_batches_update ON onsite_batches FOR UPDATE TO kaowu_app
    USING (office_id = {office}) WITH CHECK (true);

CREATE POLICY onsite_batches_kaowu_province_select ON onsite_batches FOR SELECT TO kaowu_province USING (true);
CREATE POLICY onsite_batches_kaowu_auditor_select ON onsite_batches FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY attached_select ON onsite_batches FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY attached_update ON onsite_batches FOR UPDATE TO kaowu_transfer USING (true);
