-- Public facts about the life of a year, read by everybody. The provincial center adds an act in the name of the officer
-- who makes it, and only settles it afterwards: confirmed by another (a CHECK), or taken back.
ALTER TABLE season_acts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT ON season_acts TO kaowu_app, kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT INSERT ON season_acts TO kaowu_province;
GRANT UPDATE (
    confirmed_at, confirmed_by, confirmed_by_name, cancelled_at, cancelled_by, cancelled_by_name, cancel_reason
) ON season_acts TO kaowu_province;

CREATE POLICY season_acts_select ON season_acts FOR SELECT TO kaowu_app USING ({scope} IS NOT NULL);
CREATE POLICY season_acts_others_select ON season_acts FOR SELECT TO kaowu_province, kaowu_auditor, kaowu_transfer
    USING (true);

CREATE POLICY season_acts_insert ON season_acts FOR INSERT TO kaowu_province WITH CHECK (
    'lead_province' = ANY ({may}) AND made_by = {account} AND confirmed_at IS NULL AND cancelled_at IS NULL
);

CREATE POLICY season_acts_update ON season_acts FOR UPDATE TO kaowu_province USING (
    'lead_province' = ANY ({may}) AND cancelled_at IS NULL
) WITH CHECK ('lead_province' = ANY ({may}));
