ALTER TABLE reveals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON reveals TO kaowu_app, kaowu_province;
GRANT SELECT ON reveals TO kaowu_auditor;

-- A supervisor sees who was shown what in the offices below as well: a county has no supervisor of its own.
CREATE POLICY kaowu_app_select ON reveals FOR SELECT TO kaowu_app USING (
    office_id = {office} OR ('supervise' = ANY ({may}) AND starts_with(office_id, {office} || '/'))
);

CREATE POLICY kaowu_app_insert ON reveals FOR INSERT TO kaowu_app
    WITH CHECK (account_id = {account} AND office_id = {office});

CREATE POLICY kaowu_province_select ON reveals FOR SELECT TO kaowu_province USING (true);

CREATE POLICY kaowu_province_insert ON reveals FOR INSERT TO kaowu_province
    WITH CHECK (account_id = {account} AND office_id = {office});

CREATE POLICY kaowu_auditor_select ON reveals FOR SELECT TO kaowu_auditor USING (true);
