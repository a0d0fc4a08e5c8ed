ALTER TABLE case_handlers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT ON case_handlers TO kaowu_app, kaowu_province, kaowu_auditor;
GRANT SELECT, INSERT ON case_handlers TO kaowu_transfer;
GRANT UPDATE (until) ON case_handlers TO kaowu_transfer;

-- A draft is nobody's case yet: the office that would have it in hand does not learn that it exists.
CREATE POLICY case_handlers_select ON case_handlers FOR SELECT TO kaowu_app USING (
    (office_id = {office} OR owner_office_id = {office}) AND NOT is_draft(application_id)
);

CREATE POLICY case_handlers_kaowu_province_select ON case_handlers FOR SELECT TO kaowu_province USING (true);
CREATE POLICY case_handlers_kaowu_auditor_select ON case_handlers FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY case_handlers_transfer_select ON case_handlers FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY case_handlers_transfer_insert ON case_handlers FOR INSERT TO kaowu_transfer WITH CHECK (true);

CREATE POLICY case_handlers_transfer_update ON case_handlers FOR UPDATE TO kaowu_transfer
    USING (true) WITH CHECK (true);
