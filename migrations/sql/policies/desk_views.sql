-- An officer's own.
ALTER TABLE desk_views ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, UPDATE, DELETE ON desk_views TO kaowu_app;

CREATE POLICY desk_views_select ON desk_views FOR SELECT TO kaowu_app
    USING (account_id = {account} AND office_id = {office});

CREATE POLICY desk_views_insert ON desk_views FOR INSERT TO kaowu_app
    WITH CHECK (account_id = {account} AND office_id = {office});

CREATE POLICY desk_views_update ON desk_views FOR UPDATE TO kaowu_app
    USING (account_id = {account} AND office_id = {office})
    WITH CHECK (account_id = {account} AND office_id = {office});

CREATE POLICY desk_views_delete ON desk_views FOR DELETE TO kaowu_app
    USING (account_id = {account} AND office_id = {office});

GRANT SELECT ON desk_views TO kaowu_province, kaowu_auditor;
CREATE POLICY desk_views_province_select ON desk_views FOR SELECT TO kaowu_province USING (true);
CREATE POLICY desk_views_auditor_select ON desk_views FOR SELECT TO kaowu_auditor USING (true);
