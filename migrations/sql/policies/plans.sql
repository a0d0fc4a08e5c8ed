-- Plans and seats are written by an office's schedulers, and by the system where a job draws a plan up.
ALTER TABLE plans ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON plans TO kaowu_app;
GRANT UPDATE (
    state, step, done, reason, sittings, figures, shortages, published_at, published_by, superseded_at
) ON plans TO kaowu_app;
GRANT SELECT ON plans TO kaowu_province, kaowu_auditor;

CREATE POLICY plans_select ON plans FOR SELECT TO kaowu_app USING (
    office_id = {office} OR ({scope} IS NOT NULL AND state IN ('published', 'superseded'))
);

CREATE POLICY plans_insert ON plans FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND ('schedule' = ANY ({may}) OR {scope} = 'system') AND state = 'draft'
);

CREATE POLICY plans_update ON plans FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND ('schedule' = ANY ({may}) OR {scope} = 'system')
);

CREATE POLICY kaowu_province_select ON plans FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON plans FOR SELECT TO kaowu_auditor USING (true);

-- For replace_tickets and give_tickets_back.
GRANT SELECT ON plans TO kaowu_transfer;
CREATE POLICY transfer_select ON plans FOR SELECT TO kaowu_transfer USING (true);
