ALTER TABLE trade_quotas ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON trade_quotas TO kaowu_app;
GRANT UPDATE (places, source, set_at, set_by) ON trade_quotas TO kaowu_app;
GRANT SELECT ON trade_quotas TO kaowu_province, kaowu_auditor;

CREATE POLICY trade_quotas_select ON trade_quotas FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY trade_quotas_insert ON trade_quotas FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'supervise' = ANY ({may}) AND set_by = {account}
);

CREATE POLICY trade_quotas_update ON trade_quotas FOR UPDATE TO kaowu_app USING (
    office_id = {office}
) WITH CHECK (
    office_id = {office} AND 'supervise' = ANY ({may}) AND set_by = {account}
);

CREATE POLICY trade_quotas_kaowu_province_select ON trade_quotas FOR SELECT TO kaowu_province USING (true);
CREATE POLICY trade_quotas_kaowu_auditor_select ON trade_quotas FOR SELECT TO kaowu_auditor USING (true);
