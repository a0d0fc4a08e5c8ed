ALTER TABLE review_appeals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON review_appeals TO kaowu_app;
GRANT SELECT ON review_appeals TO kaowu_province, kaowu_auditor;
GRANT UPDATE (state, answer, answered_at, answered_by, answered_by_name) ON review_appeals TO kaowu_app, kaowu_province;
GRANT SELECT (id, grounds, answered_at) ON review_appeals TO kaowu_keeper;
GRANT UPDATE (grounds, answer, answered_by_name) ON review_appeals TO kaowu_keeper;

-- The person, and the two offices of the case; never the unit, about which the grounds may complain.
CREATE POLICY review_appeals_select ON review_appeals FOR SELECT TO kaowu_app USING (
    ({scope} = 'system' AND superior_office_id = {office})
    OR EXISTS (
        SELECT FROM applications a
        WHERE a.id = application_id AND (a.person_id = {person} OR {office} IN (a.office_id, a.handler_office_id))
    )
);

-- Against the last move of one's own rejected case, to the office that may reopen it.
CREATE POLICY review_appeals_insert ON review_appeals FOR INSERT TO kaowu_app WITH CHECK (
    asked_by = {account} AND state = 'open' AND 'apply' = ANY ({may})
    AND EXISTS (
        SELECT FROM applications a JOIN moves m ON m.application_id = a.id AND m.version = a.version
        WHERE a.id = review_appeals.application_id AND a.person_id = {person}
        AND a.office_id = review_appeals.office_id AND a.state = 'rejected'
        AND m.id = review_appeals.move_id AND m.office_id = review_appeals.decided_by_office_id
        AND review_appeals.superior_office_id = CASE
            WHEN a.handler_office_id <> a.office_id THEN a.office_id
            ELSE (SELECT o.id FROM offices o WHERE o.parent_id IS NULL)
        END
    )
);

CREATE POLICY review_appeals_update ON review_appeals FOR UPDATE TO kaowu_app USING (
    superior_office_id = {office} AND 'supervise' = ANY ({may})
) WITH CHECK (
    answered_by = {account}
);

CREATE POLICY review_appeals_province_select ON review_appeals FOR SELECT TO kaowu_province USING (true);

CREATE POLICY review_appeals_province_update ON review_appeals FOR UPDATE TO kaowu_province USING (
    'supervise' = ANY ({may})
) WITH CHECK (
    answered_by = {account}
);

CREATE POLICY review_appeals_auditor_select ON review_appeals FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON review_appeals FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON review_appeals FOR UPDATE TO kaowu_keeper USING (true);

-- Counted for the center (center_waits).
GRANT SELECT (application_id, superior_office_id, state) ON review_appeals TO kaowu_transfer;
CREATE POLICY review_appeals_transfer_select ON review_appeals FOR SELECT TO kaowu_transfer USING (true);
