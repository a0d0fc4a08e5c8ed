-- Insert-only, and seen with the finding. Answers by the office of the place, all else by supervisors of the other one.
ALTER TABLE patrol_replies ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON patrol_replies TO kaowu_app;
GRANT SELECT ON patrol_replies TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, finding_id) ON patrol_replies TO kaowu_keeper;
GRANT UPDATE (text, by_name) ON patrol_replies TO kaowu_keeper;

CREATE POLICY patrol_replies_select ON patrol_replies FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM patrol_findings f WHERE f.id = patrol_replies.finding_id)
);

CREATE POLICY patrol_replies_insert ON patrol_replies FOR INSERT TO kaowu_app WITH CHECK (
    by_office_id = {office} AND by = {account}
    AND EXISTS (
        SELECT FROM patrol_findings f
        WHERE f.id = patrol_replies.finding_id AND f.state IN ('open', 'answered')
        AND CASE patrol_replies.kind
            WHEN 'answer' THEN f.to_office_id = {office} AND {may} && ARRAY['run_office', 'schedule']
            ELSE f.office_id = {office} AND 'supervise' = ANY ({may})
        END
    )
);

CREATE POLICY kaowu_province_select ON patrol_replies FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON patrol_replies FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON patrol_replies FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON patrol_replies FOR UPDATE TO kaowu_keeper USING (true);
