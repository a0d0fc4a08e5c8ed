-- Rows hold nothing personal in the clear: operators see all of them, the system also those that wait below its
-- office.
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON outbox TO kaowu_app, kaowu_province;
GRANT UPDATE (
    channel, state, attempts, last_error, ended_at, gateway, address, "values", due_at, claimed_at
) ON outbox TO kaowu_app;
GRANT SELECT ON outbox TO kaowu_auditor;
GRANT SELECT (id, last_error, ended_at, address, "values") ON outbox TO kaowu_keeper;
GRANT UPDATE (last_error, address, "values") ON outbox TO kaowu_keeper;

CREATE POLICY outbox_select ON outbox FOR SELECT TO kaowu_app USING (
    office_id = {office} OR {scope} = 'operator' OR ({scope} = 'system' AND starts_with(office_id, {office} || '/'))
);

CREATE POLICY outbox_insert ON outbox FOR INSERT TO kaowu_app WITH CHECK ({scope} IS NOT NULL);

CREATE POLICY outbox_update ON outbox FOR UPDATE TO kaowu_app USING (
    office_id = {office} OR {scope} = 'operator' OR ({scope} = 'system' AND starts_with(office_id, {office} || '/'))
) WITH CHECK (true);

-- For recall_messages.
GRANT SELECT (event_key, state) ON outbox TO kaowu_transfer;
GRANT UPDATE (state, last_error, due_at, ended_at) ON outbox TO kaowu_transfer;
CREATE POLICY recalled_select ON outbox FOR SELECT TO kaowu_transfer USING (starts_with(event_key, 'move:'));
CREATE POLICY recalled_update ON outbox FOR UPDATE TO kaowu_transfer USING (starts_with(event_key, 'move:'));

CREATE POLICY outbox_kaowu_province_select ON outbox FOR SELECT TO kaowu_province USING (true);
CREATE POLICY outbox_province_insert ON outbox FOR INSERT TO kaowu_province WITH CHECK ({scope} IS NOT NULL);
CREATE POLICY outbox_kaowu_auditor_select ON outbox FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON outbox FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON outbox FOR UPDATE TO kaowu_keeper USING (true);
