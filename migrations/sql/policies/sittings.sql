-- Sites, sittings and courses are public facts that everybody may read; who is enrolled, and how a check turned out,
-- is not.
ALTER TABLE sittings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON sittings TO kaowu_app;
GRANT UPDATE (
    starts_at, ends_at, subjects, grades, trades, by_trade, cancelled_at, cancelled_reason
) ON sittings TO kaowu_app;
GRANT SELECT ON sittings TO kaowu_province, kaowu_auditor;

CREATE POLICY app_select ON sittings FOR SELECT TO kaowu_app USING ({scope} IS NOT NULL);

CREATE POLICY app_insert ON sittings FOR INSERT TO kaowu_app
    WITH CHECK (office_id = {office} AND 'schedule' = ANY ({may}));

-- The times of its rooms follow a sitting by the foreign key, which acts as the tables' owner.
CREATE POLICY app_update ON sittings FOR UPDATE TO kaowu_app
    USING (office_id = {office} AND 'schedule' = ANY ({may}));

CREATE POLICY kaowu_province_select ON sittings FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON sittings FOR SELECT TO kaowu_auditor USING (true);

-- For take_along and bars_move: a move that leaves the exam takes along what rested on it.
GRANT SELECT ON sittings TO kaowu_transfer;
CREATE POLICY taken_select ON sittings FOR SELECT TO kaowu_transfer USING (true);
