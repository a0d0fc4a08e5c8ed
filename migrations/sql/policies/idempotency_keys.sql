ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON idempotency_keys TO kaowu_app;
GRANT SELECT, INSERT ON idempotency_keys TO kaowu_province;
GRANT DELETE ON idempotency_keys TO kaowu_keeper;
GRANT SELECT (id, response, created_at) ON idempotency_keys TO kaowu_keeper;
GRANT UPDATE (response) ON idempotency_keys TO kaowu_keeper;

CREATE POLICY idempotency_keys_select ON idempotency_keys FOR SELECT TO kaowu_app USING (account_id = {account});
CREATE POLICY idempotency_keys_insert ON idempotency_keys FOR INSERT TO kaowu_app WITH CHECK (account_id = {account});
CREATE POLICY idempotency_keys_delete ON idempotency_keys FOR DELETE TO kaowu_app USING (account_id = {account});
CREATE POLICY own_keys ON idempotency_keys FOR SELECT TO kaowu_province USING (account_id = {account});

CREATE POLICY idempotency_keys_province_insert ON idempotency_keys FOR INSERT TO kaowu_province
    WITH CHECK (account_id = {account});

CREATE POLICY keeper_finds ON idempotency_keys FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_select ON idempotency_keys FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON idempotency_keys FOR UPDATE TO kaowu_keeper USING (true);
CREATE POLICY keeper_delete ON idempotency_keys FOR DELETE TO kaowu_keeper USING (true);
