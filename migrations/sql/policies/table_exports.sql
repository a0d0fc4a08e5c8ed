-- Of the one who ordered it, in every scope. The system writes how far it is, and ends it.
ALTER TABLE table_exports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON table_exports TO kaowu_app, kaowu_province, kaowu_auditor;
GRANT UPDATE (state, stopped, rows, finished_at, size, sha256) ON table_exports
    TO kaowu_app, kaowu_province, kaowu_auditor;

CREATE POLICY table_exports_select ON table_exports FOR SELECT TO kaowu_app USING (
    account_id = {account} OR ({scope} = 'system' AND office_id = {office})
);

CREATE POLICY table_exports_insert ON table_exports FOR INSERT TO kaowu_app
    WITH CHECK (account_id = {account} AND state = 'waiting');

CREATE POLICY table_exports_update ON table_exports FOR UPDATE TO kaowu_app USING (
    account_id = {account} OR ({scope} = 'system' AND office_id = {office})
);

CREATE POLICY table_exports_province_select ON table_exports FOR SELECT TO kaowu_province
    USING (account_id = {account});
CREATE POLICY table_exports_province_insert ON table_exports FOR INSERT TO kaowu_province
    WITH CHECK (account_id = {account} AND state = 'waiting');
CREATE POLICY table_exports_province_update ON table_exports FOR UPDATE TO kaowu_province
    USING (account_id = {account});

-- An auditor changes nothing but the order of what they read.
CREATE POLICY table_exports_auditor_select ON table_exports FOR SELECT TO kaowu_auditor
    USING (account_id = {account});
CREATE POLICY table_exports_auditor_insert ON table_exports FOR INSERT TO kaowu_auditor
    WITH CHECK (account_id = {account} AND state = 'waiting');
CREATE POLICY table_exports_auditor_update ON table_exports FOR UPDATE TO kaowu_auditor
    USING (account_id = {account});

GRANT SELECT (id, asked_at, sealed_key), DELETE ON table_exports TO kaowu_keeper;
GRANT UPDATE (sealed_key) ON table_exports TO kaowu_keeper;
CREATE POLICY table_exports_keeper_select ON table_exports FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY table_exports_keeper_delete ON table_exports FOR DELETE TO kaowu_keeper USING (true);
CREATE POLICY table_exports_keeper_update ON table_exports FOR UPDATE TO kaowu_keeper USING (true) WITH CHECK (true);
