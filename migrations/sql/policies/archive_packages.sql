ALTER TABLE archive_packages ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON archive_packages TO kaowu_app;
GRANT UPDATE (state, done, total, made_at, size, sha256, failure) ON archive_packages TO kaowu_app;
GRANT SELECT ON archive_packages TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, sealed_key) ON archive_packages TO kaowu_keeper;
GRANT UPDATE (sealed_key) ON archive_packages TO kaowu_keeper;

CREATE POLICY archive_packages_app_select ON archive_packages FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY archive_packages_app_insert ON archive_packages FOR INSERT TO kaowu_app
    WITH CHECK (office_id = {office} AND state = 'waiting');

CREATE POLICY archive_packages_app_update ON archive_packages FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND {scope} = 'system'
) WITH CHECK (true);

CREATE POLICY archive_packages_province_select ON archive_packages FOR SELECT TO kaowu_province USING (true);
CREATE POLICY archive_packages_auditor_select ON archive_packages FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY archive_packages_keeper_select ON archive_packages FOR SELECT TO kaowu_keeper USING (true);

CREATE POLICY archive_packages_keeper_update ON archive_packages FOR UPDATE TO kaowu_keeper
    USING (true) WITH CHECK (true);
