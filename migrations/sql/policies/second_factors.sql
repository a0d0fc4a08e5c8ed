-- Only a sign-in (scope signin) reads a hash or a secret. An officer takes a lost second factor away who has granted
-- the proposal of another since it began to count (factor_removals); nobody alone.
ALTER TABLE second_factors ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON second_factors TO kaowu_app;
GRANT UPDATE (secret, created_at, confirmed_at, last_step, recovery_codes) ON second_factors TO kaowu_app;
GRANT SELECT (id, secret) ON second_factors TO kaowu_keeper;
GRANT UPDATE (secret) ON second_factors TO kaowu_keeper;

CREATE POLICY second_factors_select ON second_factors FOR SELECT TO kaowu_app USING (
    {scope} = 'signin'
    OR EXISTS (SELECT FROM accounts c WHERE c.id = second_factors.account_id AND c.issued_by_office_id = {office})
    OR EXISTS (
        SELECT FROM factor_removals r
        WHERE r.account_id = second_factors.account_id AND r.state = 'granted' AND r.decided_by = {account}
        AND r.decided_at >= second_factors.confirmed_at
    )
);

CREATE POLICY second_factors_insert ON second_factors FOR INSERT TO kaowu_app WITH CHECK ({scope} = 'signin');

CREATE POLICY second_factors_update ON second_factors FOR UPDATE TO kaowu_app
    USING ({scope} = 'signin') WITH CHECK ({scope} = 'signin');

CREATE POLICY second_factors_delete ON second_factors FOR DELETE TO kaowu_app USING (
    {scope} = 'signin'
    OR EXISTS (
        SELECT FROM factor_removals r
        WHERE r.account_id = second_factors.account_id AND r.state = 'granted' AND r.decided_by = {account}
        AND r.decided_at >= second_factors.confirmed_at
    )
);

CREATE POLICY keeper_select ON second_factors FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON second_factors FOR UPDATE TO kaowu_keeper USING (true);
