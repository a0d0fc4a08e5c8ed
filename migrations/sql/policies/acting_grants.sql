ALTER TABLE acting_grants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON acting_grants TO kaowu_app, kaowu_province;
GRANT UPDATE (ended_at, ended_by) ON acting_grants TO kaowu_app, kaowu_province;
GRANT SELECT ON acting_grants TO kaowu_auditor, kaowu_transfer;

CREATE POLICY acting_grants_kaowu_app_select ON acting_grants FOR SELECT TO kaowu_app USING (
    {scope} = 'signin'
    OR deputy_id = {account}
    OR EXISTS (SELECT FROM role_grants g WHERE g.id = acting_grants.grant_id)
);

-- By the colleague themselves, or by somebody who staffs the office where the role is held; never for oneself.
CREATE POLICY acting_grants_kaowu_app_insert ON acting_grants FOR INSERT TO kaowu_app WITH CHECK (
    made_by = {account} AND deputy_id <> {account} AND {behalf} IS NULL
    AND EXISTS (
        SELECT FROM role_grants g
        WHERE g.id = acting_grants.grant_id
        AND (
            g.account_id = {account}
            OR ('staff' = ANY ({may}) AND (g.office_id = {office} OR starts_with(g.office_id, {office} || '/')))
        )
    )
);

CREATE POLICY acting_grants_kaowu_app_update ON acting_grants FOR UPDATE TO kaowu_app USING (
    {behalf} IS NULL
    AND EXISTS (
        SELECT FROM role_grants g
        WHERE g.id = acting_grants.grant_id
        AND (
            g.account_id = {account}
            OR ('staff' = ANY ({may}) AND (g.office_id = {office} OR starts_with(g.office_id, {office} || '/')))
        )
    )
) WITH CHECK (true);

CREATE POLICY acting_grants_kaowu_province_select ON acting_grants FOR SELECT TO kaowu_province USING (true);

CREATE POLICY acting_grants_kaowu_province_insert ON acting_grants FOR INSERT TO kaowu_province WITH CHECK (
    made_by = {account} AND deputy_id <> {account} AND {behalf} IS NULL
    AND EXISTS (
        SELECT FROM role_grants g
        WHERE g.id = acting_grants.grant_id
        AND (
            g.account_id = {account}
            OR ('staff' = ANY ({may}) AND (g.office_id = {office} OR starts_with(g.office_id, {office} || '/')))
        )
    )
);

CREATE POLICY acting_grants_kaowu_province_update ON acting_grants FOR UPDATE TO kaowu_province USING (
    {behalf} IS NULL
    AND EXISTS (
        SELECT FROM role_grants g
        WHERE g.id = acting_grants.grant_id
        AND (
            g.account_id = {account}
            OR ('staff' = ANY ({may}) AND (g.office_id = {office} OR starts_with(g.office_id, {office} || '/')))
        )
    )
) WITH CHECK (true);

CREATE POLICY acting_grants_kaowu_auditor_select ON acting_grants FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY acting_grants_kaowu_transfer_select ON acting_grants FOR SELECT TO kaowu_transfer USING (true);
