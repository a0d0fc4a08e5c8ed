ALTER TABLE api_tokens ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON api_tokens TO kaowu_app, kaowu_province;
GRANT UPDATE (revoked_at) ON api_tokens TO kaowu_app, kaowu_province;

CREATE POLICY api_tokens_select ON api_tokens FOR SELECT TO kaowu_app USING (
    {scope} = 'signin'
    OR account_id = {account}
    OR EXISTS (SELECT FROM accounts c WHERE c.id = account_id AND c.issued_by_office_id = {office})
);

CREATE POLICY api_tokens_insert ON api_tokens FOR INSERT TO kaowu_app WITH CHECK (
    {scope} = 'signin'
    OR account_id = {account}
    OR EXISTS (SELECT FROM accounts c WHERE c.id = account_id AND c.issued_by_office_id = {office})
);

CREATE POLICY api_tokens_update ON api_tokens FOR UPDATE TO kaowu_app USING (
    {scope} = 'signin'
    OR account_id = {account}
    OR EXISTS (SELECT FROM accounts c WHERE c.id = account_id AND c.issued_by_office_id = {office})
) WITH CHECK (true);

CREATE POLICY issued_tokens ON api_tokens FOR SELECT TO kaowu_province USING (
    EXISTS (SELECT FROM accounts c WHERE c.id = account_id AND c.issued_by_office_id = {office})
);

CREATE POLICY api_tokens_province_insert ON api_tokens FOR INSERT TO kaowu_province WITH CHECK (
    EXISTS (SELECT FROM accounts c WHERE c.id = account_id AND c.issued_by_office_id = {office})
);

CREATE POLICY api_tokens_province_update ON api_tokens FOR UPDATE TO kaowu_province USING (
    EXISTS (SELECT FROM accounts c WHERE c.id = account_id AND c.issued_by_office_id = {office})
) WITH CHECK (true);
