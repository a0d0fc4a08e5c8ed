-- The seed of a panel's draws: nobody reads it while it could draw, or tell who stands behind a number.
ALTER TABLE panel_draws ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON panel_draws TO kaowu_app;
GRANT SELECT ON panel_draws TO kaowu_province, kaowu_auditor, kaowu_transfer;

CREATE POLICY panel_draws_select ON panel_draws FOR SELECT TO kaowu_app USING (
    office_id = {office}
    AND EXISTS (
        SELECT FROM evaluation_panels p
        WHERE p.id = panel_id AND (p.state IN ('closed', 'dissolved') OR (p.state = 'scoring' AND NOT p.anonymous))
    )
);

CREATE POLICY panel_draws_insert ON panel_draws FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may})
    AND EXISTS (
        SELECT FROM evaluation_panels p
        WHERE p.id = panel_id AND p.state = 'forming'
        AND p.commitment = encode(sha256(convert_to(seed, 'UTF8')), 'hex')
    )
);

CREATE POLICY panel_draws_kaowu_province_select ON panel_draws FOR SELECT TO kaowu_province USING (
    EXISTS (SELECT FROM evaluation_panels p WHERE p.id = panel_id AND p.state IN ('closed', 'dissolved'))
);
CREATE POLICY panel_draws_kaowu_auditor_select ON panel_draws FOR SELECT TO kaowu_auditor USING (
    EXISTS (SELECT FROM evaluation_panels p WHERE p.id = panel_id AND p.state IN ('closed', 'dissolved'))
);

-- For draw_numbers and draw_member.
CREATE POLICY transfer_select ON panel_draws FOR SELECT TO kaowu_transfer USING (true);
