-- A row is added by the triggers that count, and never changed.
ALTER TABLE case_counts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT ON case_counts TO kaowu_app, kaowu_province, kaowu_auditor;
GRANT SELECT, INSERT, DELETE ON case_counts TO kaowu_transfer;

-- Drafts are their people's own affair: an office does not see them, nor how many there are.
CREATE POLICY case_counts_kaowu_app_select ON case_counts FOR SELECT TO kaowu_app USING (
    what <> 'draft' AND (office_id = {office} OR handler_office_id = {office})
);

CREATE POLICY case_counts_kaowu_province_select ON case_counts FOR SELECT TO kaowu_province USING (true);
CREATE POLICY case_counts_kaowu_auditor_select ON case_counts FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY case_counts_kaowu_transfer_select ON case_counts FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY case_counts_kaowu_transfer_insert ON case_counts FOR INSERT TO kaowu_transfer WITH CHECK (true);
CREATE POLICY case_counts_kaowu_transfer_delete ON case_counts FOR DELETE TO kaowu_transfer USING (true);
