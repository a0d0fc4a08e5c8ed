ALTER TABLE publications ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON publications TO kaowu_app;
GRANT UPDATE (
    state, published_at, published_by, ends_at, closed_at, closed_by, notice_number, ended_at, ended_by, ended_reason,
    shown_until
) ON publications TO kaowu_app;
GRANT SELECT ON publications TO kaowu_province, kaowu_auditor, kaowu_transfer;

CREATE POLICY publications_app_select ON publications FOR SELECT TO kaowu_app USING (
    office_id = {office} OR (state <> 'draft' AND {scope} IS NOT NULL)
);

CREATE POLICY publications_app_insert ON publications FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND state = 'draft' AND 'supervise' = ANY ({may})
);

CREATE POLICY publications_app_update ON publications FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND 'supervise' = ANY ({may})
) WITH CHECK (true);

CREATE POLICY publications_app_delete ON publications FOR DELETE TO kaowu_app USING (
    office_id = {office} AND state = 'draft' AND 'supervise' = ANY ({may})
);

CREATE POLICY publications_province_select ON publications FOR SELECT TO kaowu_province USING (true);
CREATE POLICY publications_auditor_select ON publications FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY publications_transfer_select ON publications FOR SELECT TO kaowu_transfer USING (true);
