ALTER TABLE moves ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON moves TO kaowu_app, kaowu_province;
GRANT SELECT ON moves TO kaowu_auditor, kaowu_transfer;
GRANT SELECT (application_id, at) ON moves TO kaowu_keeper;

CREATE POLICY moves_select ON moves FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM applications a WHERE a.id = moves.application_id)
);

CREATE POLICY moves_insert ON moves FOR INSERT TO kaowu_app WITH CHECK (
    account_id = {account} AND role = {role} AND on_behalf_of IS NOT DISTINCT FROM {behalf}
    AND EXISTS (
        SELECT FROM applications a
        WHERE a.id = moves.application_id AND a.state = moves.from_state AND a.handler_office_id = moves.office_id
        AND a.version + 1 = moves.version
        AND (
            (
                a.person_id = {person} AND 'apply' = ANY ({may})
                AND moves.action IN ('submit', 'resubmit', 'withdraw', 'supplement')
            )
            OR (
                a.unit_id = ANY ({units}) AND 'review_for_unit' = ANY ({may})
                AND (
                    moves.from_state = 'unit_review' AND moves.action IN ('approve', 'return', 'reject')
                    OR moves.to_state = 'unit_review' AND moves.action = 'undo'
                    OR moves.action = 'supplement'
                )
            )
            OR (
                a.department_id = ANY ({units}) AND 'review_for_department' = ANY ({may})
                AND (
                    moves.from_state = 'department_review' AND moves.action IN ('approve', 'return', 'reject')
                    OR moves.to_state = 'department_review' AND moves.action = 'undo'
                    OR moves.action = 'supplement'
                )
            )
            OR (
                a.handler_office_id = {office} AND moves.acting_office_id = {office}
                AND moves.action IN ('approve', 'return', 'reject', 'confirm', 'clear', 'undo')
                AND CASE WHEN moves.action = 'undo' THEN moves.to_state ELSE moves.from_state END
                    IN ('qualification_review', 'onsite_confirmation', 'provisional')
                AND (
                    CASE WHEN moves.from_state = 'onsite_confirmation' THEN 'confirm' ELSE 'review' END
                ) = ANY ({may})
            )
            OR (
                {scope} = 'system' AND {office} IN (a.handler_office_id, a.office_id)
                AND moves.action IN ('lapse', 'expire')
            )
            OR (
                a.office_id = {office} AND moves.acting_office_id = {office} AND 'supervise' = ANY ({may})
                AND moves.action IN ('reopen', 'disqualify')
            )
        )
    )
);

CREATE POLICY moves_kaowu_province_select ON moves FOR SELECT TO kaowu_province USING (true);

CREATE POLICY moves_province_insert ON moves FOR INSERT TO kaowu_province WITH CHECK (
    account_id = {account} AND role = {role} AND on_behalf_of IS NOT DISTINCT FROM {behalf}
    AND acting_office_id = {office} AND 'supervise' = ANY ({may}) AND action IN ('reopen', 'disqualify')
    AND EXISTS (
        SELECT FROM applications a
        WHERE a.id = moves.application_id AND a.state = moves.from_state AND a.handler_office_id = moves.office_id
        AND a.version + 1 = moves.version
    )
);

CREATE POLICY moves_kaowu_auditor_select ON moves FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON moves FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY moves_transfer_select ON moves FOR SELECT TO kaowu_transfer USING (true);
