-- An office by itself imposes no ban and lifts none. A ban rests on a final case of sanctions, or, imposed by the
-- province, on a paper of earlier years, which a second officer confirms; the province lifts one, with its reason.
ALTER TABLE bans ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON bans TO kaowu_app, kaowu_province;
GRANT UPDATE (lifted_at, lift_reason, confirmed_at, confirmed_by, confirmed_by_name) ON bans TO kaowu_province;
GRANT SELECT ON bans TO kaowu_auditor, kaowu_transfer;
GRANT SELECT (person_id, application_id, ends, lifted_at) ON bans TO kaowu_keeper;

CREATE POLICY bans_select ON bans FOR SELECT TO kaowu_app USING (
    office_id = {office} OR (person_id = {person} AND (case_id IS NOT NULL OR confirmed_at IS NOT NULL))
);

CREATE POLICY bans_insert ON bans FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'supervise' = ANY ({may})
    AND EXISTS (
        SELECT FROM sanction_cases c JOIN applications a ON a.id = c.application_id
        WHERE c.id = bans.case_id AND c.state = 'final' AND c.ban_years > 0 AND c.application_id = bans.application_id
        AND a.person_id = bans.person_id
    )
);

CREATE POLICY bans_kaowu_province_select ON bans FOR SELECT TO kaowu_province USING (true);

CREATE POLICY bans_province_insert ON bans FOR INSERT TO kaowu_province WITH CHECK (
    office_id = {office} AND 'supervise' = ANY ({may})
    AND (
        EXISTS (
            SELECT FROM sanction_cases c JOIN applications a ON a.id = c.application_id
            WHERE c.id = bans.case_id AND c.state = 'final' AND c.ban_years > 0
            AND c.application_id = bans.application_id AND a.person_id = bans.person_id
        )
        OR (case_id IS NULL AND btrim(instrument) <> '' AND decided_by = {account} AND confirmed_at IS NULL)
    )
);

CREATE POLICY bans_province_update ON bans FOR UPDATE TO kaowu_province USING (
    'supervise' = ANY ({may})
) WITH CHECK ('supervise' = ANY ({may}));

CREATE POLICY bans_kaowu_auditor_select ON bans FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON bans FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY bans_transfer_select ON bans FOR SELECT TO kaowu_transfer USING (true);
