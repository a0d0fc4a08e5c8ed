-- Insert-only. Who may add a file is asked of the thing that it belongs to, in the words of core.documents.attachment_subjects; a
-- test holds the two together.
ALTER TABLE attachments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON attachments TO kaowu_app, kaowu_province;
GRANT UPDATE (scan_verdict, scanned_at) ON attachments TO kaowu_app;
GRANT SELECT ON attachments TO kaowu_auditor, kaowu_keeper;
GRANT UPDATE (title, file_name, sealed_key, uploaded_name, reason, erased_at) ON attachments TO kaowu_keeper;
GRANT SELECT (id, subject_type, subject_id, kind, sha256) ON attachments TO kaowu_transfer;

CREATE POLICY attachments_select ON attachments FOR SELECT TO kaowu_app USING (
    ({scope} = 'system' AND attachments.office_id = {office})
    OR CASE subject_type
        WHEN 'delegation' THEN CASE kind
            WHEN 'instrument' THEN EXISTS (
                SELECT FROM delegations s
                WHERE s.id = attachments.subject_id AND {office} IN (s.from_office_id, s.to_office_id)
            )
        END
        WHEN 'roster' THEN CASE kind
            WHEN 'stamped' THEN EXISTS (SELECT FROM rosters s WHERE s.id = attachments.subject_id)
        END
        WHEN 'onsite_batch' THEN CASE kind
            WHEN 'stamped' THEN EXISTS (SELECT FROM onsite_batches s WHERE s.id = attachments.subject_id)
        END
        WHEN 'manager_form' THEN CASE kind
            WHEN 'annex' THEN EXISTS (SELECT FROM manager_forms s WHERE s.id = attachments.subject_id)
        END
        WHEN 'incident' THEN CASE kind
            WHEN 'evidence' THEN EXISTS (SELECT FROM incidents s WHERE s.id = attachments.subject_id)
        END
        WHEN 'score_check' THEN CASE kind
            WHEN 'request' THEN EXISTS (SELECT FROM score_checks s WHERE s.id = attachments.subject_id)
            WHEN 'evidence' THEN attachments.office_id = {office}
        END
        WHEN 'mark_correction' THEN CASE kind
            WHEN 'evidence' THEN EXISTS (SELECT FROM mark_corrections s WHERE s.id = attachments.subject_id)
        END
        WHEN 'sanction_case' THEN CASE kind
            WHEN 'evidence' THEN EXISTS (SELECT FROM sanction_cases s WHERE s.id = attachments.subject_id)
            WHEN 'lead' THEN EXISTS (
                SELECT FROM sanction_cases s
                WHERE s.id = attachments.subject_id AND {office} IN (s.office_id, s.opened_by_office_id)
            )
            WHEN 'receipt' THEN EXISTS (SELECT FROM sanction_cases s WHERE s.id = attachments.subject_id)
            WHEN 'statement' THEN EXISTS (SELECT FROM sanction_cases s WHERE s.id = attachments.subject_id)
            WHEN 'appeal' THEN EXISTS (SELECT FROM sanction_cases s WHERE s.id = attachments.subject_id)
        END
        WHEN 'objection' THEN CASE kind
            WHEN 'grounds' THEN attachments.office_id = {office} AND 'supervise' = ANY ({may})
            WHEN 'inquiry' THEN attachments.office_id = {office} AND 'supervise' = ANY ({may})
        END
        WHEN 'evaluation_panel' THEN CASE kind
            WHEN 'minutes' THEN EXISTS (SELECT FROM evaluation_panels s WHERE s.id = attachments.subject_id)
        END
        WHEN 'identity_correction' THEN CASE kind
            WHEN 'evidence' THEN EXISTS (SELECT FROM identity_corrections s WHERE s.id = attachments.subject_id)
        END
        WHEN 'ban' THEN CASE kind
            WHEN 'decision' THEN attachments.office_id = {office}
        END
        WHEN 'review_appeal' THEN CASE kind
            WHEN 'grounds' THEN EXISTS (SELECT FROM review_appeals s WHERE s.id = attachments.subject_id)
        END
        WHEN 'emergency_plan' THEN CASE kind
            WHEN 'plan' THEN EXISTS (SELECT FROM emergency_plans s WHERE s.id = attachments.subject_id)
        END
        WHEN 'certificate_batch' THEN CASE kind
            WHEN 'receipt' THEN EXISTS (SELECT FROM certificate_batches s WHERE s.id = attachments.subject_id)
        END
        WHEN 'archive_handover' THEN CASE kind
            WHEN 'receipt' THEN EXISTS (SELECT FROM archive_handovers s WHERE s.id = attachments.subject_id)
        END
        WHEN 'patrol_finding' THEN EXISTS (SELECT FROM patrol_findings s WHERE s.id = attachments.subject_id)
    END
);

CREATE POLICY kaowu_app_insert ON attachments FOR INSERT TO kaowu_app WITH CHECK (
    uploaded_by = {account} AND erased_at IS NULL AND CASE subject_type
        WHEN 'delegation' THEN CASE kind
            WHEN 'instrument' THEN (
                {may} && ARRAY['supervise']
                AND EXISTS (
                    SELECT FROM delegations s
                    WHERE s.id = attachments.subject_id AND s.from_office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.from_office_id = {office}
                    AND s.state IN ('in_force', 'paused', 'pending')
                )
            )
        END
        WHEN 'roster' THEN CASE kind
            WHEN 'stamped' THEN (
                {may} && ARRAY['review_for_department', 'review_for_unit']
                AND EXISTS (
                    SELECT FROM rosters s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.unit_id = ANY ({units})
                    AND s.kind IN ('passed')
                )
            )
        END
        WHEN 'onsite_batch' THEN CASE kind
            WHEN 'stamped' THEN (
                {may} && ARRAY['review_for_department', 'review_for_unit']
                AND EXISTS (
                    SELECT FROM onsite_batches s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.unit_id = ANY ({units})
                    AND s.state IN ('handed_in')
                )
            )
        END
        WHEN 'manager_form' THEN CASE kind
            WHEN 'annex' THEN (
                {may} && ARRAY['review_for_department', 'review_for_unit']
                AND EXISTS (
                    SELECT FROM manager_forms s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.unit_id = ANY ({units})
                    AND s.state IN ('filed')
                )
            )
            OR (
                {may} && ARRAY['run_office']
                AND EXISTS (
                    SELECT FROM manager_forms s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.office_id = {office}
                    AND s.state IN ('accepted', 'filed')
                )
            )
        END
        WHEN 'incident' THEN CASE kind
            WHEN 'evidence' THEN (
                {may} && ARRAY['examine', 'schedule']
                AND EXISTS (
                    SELECT FROM incidents s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.office_id = {office}
                )
            )
        END
        WHEN 'score_check' THEN CASE kind
            WHEN 'request' THEN (
                {may} && ARRAY['apply']
                AND EXISTS (
                    SELECT FROM score_checks s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id
                    AND EXISTS (SELECT FROM applications a WHERE a.id = s.application_id AND a.person_id = {person})
                    AND s.state IN ('open')
                )
            )
            WHEN 'evidence' THEN (
                {may} && ARRAY['examine']
                AND EXISTS (
                    SELECT FROM score_checks s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.office_id = {office}
                    AND s.state IN ('dismissed', 'open', 'upheld')
                )
            )
        END
        WHEN 'mark_correction' THEN CASE kind
            WHEN 'evidence' THEN (
                {may} && ARRAY['examine', 'supervise']
                AND EXISTS (
                    SELECT FROM mark_corrections s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.office_id = {office}
                    AND s.state IN ('asked')
                )
            )
        END
        WHEN 'sanction_case' THEN CASE kind
            WHEN 'evidence' THEN (
                {may} && ARRAY['run_office', 'supervise']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.office_id = {office}
                    AND s.state IN ('appealed', 'decided', 'hearing', 'proposed')
                )
            )
            OR (
                {may} && ARRAY['run_office', 'supervise']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id
                    AND s.opened_by_office_id = {office} AND s.state IN ('appealed', 'decided', 'hearing', 'proposed')
                )
            )
            WHEN 'lead' THEN (
                {may} && ARRAY['run_office', 'supervise']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.office_id = {office}
                    AND s.state IN ('appealed', 'decided', 'hearing', 'proposed')
                )
            )
            OR (
                {may} && ARRAY['run_office', 'supervise']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id
                    AND s.opened_by_office_id = {office} AND s.state IN ('appealed', 'decided', 'hearing', 'proposed')
                )
            )
            WHEN 'receipt' THEN (
                {may} && ARRAY['supervise']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.office_id = {office}
                    AND s.state IN ('appealed', 'cleared', 'decided', 'final', 'hearing', 'overturned')
                )
            )
            WHEN 'statement' THEN (
                {may} && ARRAY['apply']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id
                    AND EXISTS (SELECT FROM applications a WHERE a.id = s.application_id AND a.person_id = {person})
                    AND s.state IN ('hearing')
                )
            )
            WHEN 'appeal' THEN (
                {may} && ARRAY['apply']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id
                    AND EXISTS (SELECT FROM applications a WHERE a.id = s.application_id AND a.person_id = {person})
                    AND s.state IN ('appealed')
                )
            )
        END
        WHEN 'objection' THEN CASE kind
            WHEN 'grounds' THEN (
                application_id IS NULL AND attachments.office_id = open_objection_office(attachments.subject_id)
            )
            WHEN 'inquiry' THEN (
                {may} && ARRAY['supervise']
                AND EXISTS (
                    SELECT FROM objections s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.office_id = {office}
                    AND s.state IN ('open')
                )
            )
        END
        WHEN 'evaluation_panel' THEN CASE kind
            WHEN 'minutes' THEN (
                {may} && ARRAY['examine']
                AND EXISTS (
                    SELECT FROM evaluation_panels s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.office_id = {office}
                    AND s.state IN ('closed', 'scoring')
                )
            )
        END
        WHEN 'identity_correction' THEN CASE kind
            WHEN 'evidence' THEN (
                {may} && ARRAY['apply']
                AND EXISTS (
                    SELECT FROM identity_corrections s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.person_id = {person}
                    AND s.state IN ('asked', 'examined')
                )
            )
            OR (
                {may} && ARRAY['review_for_department', 'review_for_unit']
                AND EXISTS (
                    SELECT FROM identity_corrections s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.unit_id = ANY ({units})
                    AND s.state IN ('asked', 'examined')
                )
            )
            OR (
                {may} && ARRAY['run_office']
                AND EXISTS (
                    SELECT FROM identity_corrections s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.office_id = {office}
                    AND s.state IN ('asked', 'examined')
                )
            )
        END
        WHEN 'ban' THEN CASE kind
            WHEN 'decision' THEN (
                {may} && ARRAY['lead_province']
                AND EXISTS (
                    SELECT FROM bans s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.office_id = {office}
                )
            )
        END
        WHEN 'review_appeal' THEN CASE kind
            WHEN 'grounds' THEN (
                {may} && ARRAY['apply']
                AND EXISTS (
                    SELECT FROM review_appeals s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id
                    AND EXISTS (SELECT FROM applications a WHERE a.id = s.application_id AND a.person_id = {person})
                    AND s.state IN ('open')
                )
            )
        END
        WHEN 'certificate_batch' THEN CASE kind
            WHEN 'receipt' THEN (
                {may} && ARRAY['review_for_department', 'review_for_unit']
                AND EXISTS (
                    SELECT FROM certificate_batches s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.unit_id = ANY ({units})
                    AND s.state IN ('handed_over', 'settled')
                )
            )
            OR (
                {may} && ARRAY['run_office']
                AND EXISTS (
                    SELECT FROM certificate_batches s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.office_id = {office}
                    AND s.state IN ('handed_over', 'settled')
                )
            )
        END
        WHEN 'archive_handover' THEN CASE kind
            WHEN 'receipt' THEN (
                {may} && ARRAY['review_for_department', 'review_for_unit']
                AND EXISTS (
                    SELECT FROM archive_handovers s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.unit_id = ANY ({units})
                    AND s.state IN ('handed_over', 'received', 'returned')
                )
            )
            OR (
                {may} && ARRAY['run_office', 'supervise']
                AND EXISTS (
                    SELECT FROM archive_handovers s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.office_id = {office}
                    AND s.state IN ('handed_over', 'received', 'returned')
                )
            )
        END
        WHEN 'emergency_plan' THEN CASE kind
            WHEN 'plan' THEN (
                {may} && ARRAY['run_office']
                AND EXISTS (
                    SELECT FROM emergency_plans s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.office_id = {office}
                    AND s.state IN ('drafted')
                )
            )
        END
        WHEN 'patrol_finding' THEN CASE kind
            WHEN 'evidence' THEN (
                {may} && ARRAY['examine', 'run_office', 'schedule', 'supervise']
                AND EXISTS (
                    SELECT FROM patrol_findings s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.office_id = {office}
                    AND s.state IN ('answered', 'open')
                )
            )
            WHEN 'remedy' THEN (
                {may} && ARRAY['run_office', 'schedule']
                AND EXISTS (
                    SELECT FROM patrol_findings s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.to_office_id = {office}
                    AND s.state IN ('answered', 'open')
                )
            )
        END
    END
);

CREATE POLICY attachments_update ON attachments FOR UPDATE TO kaowu_app
    USING ({scope} = 'system' AND attachments.office_id = {office});

CREATE POLICY kaowu_province_select ON attachments FOR SELECT TO kaowu_province USING (true);

CREATE POLICY kaowu_province_insert ON attachments FOR INSERT TO kaowu_province WITH CHECK (
    uploaded_by = {account} AND erased_at IS NULL AND CASE subject_type
        WHEN 'delegation' THEN CASE kind
            WHEN 'instrument' THEN (
                {may} && ARRAY['supervise']
                AND EXISTS (
                    SELECT FROM delegations s
                    WHERE s.id = attachments.subject_id AND s.from_office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.from_office_id = {office}
                    AND s.state IN ('in_force', 'paused', 'pending')
                )
            )
        END
        WHEN 'roster' THEN CASE kind
            WHEN 'stamped' THEN (
                {may} && ARRAY['review_for_department', 'review_for_unit']
                AND EXISTS (
                    SELECT FROM rosters s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.unit_id = ANY ({units})
                    AND s.kind IN ('passed')
                )
            )
        END
        WHEN 'onsite_batch' THEN CASE kind
            WHEN 'stamped' THEN (
                {may} && ARRAY['review_for_department', 'review_for_unit']
                AND EXISTS (
                    SELECT FROM onsite_batches s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.unit_id = ANY ({units})
                    AND s.state IN ('handed_in')
                )
            )
        END
        WHEN 'manager_form' THEN CASE kind
            WHEN 'annex' THEN (
                {may} && ARRAY['review_for_department', 'review_for_unit']
                AND EXISTS (
                    SELECT FROM manager_forms s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.unit_id = ANY ({units})
                    AND s.state IN ('filed')
                )
            )
            OR (
                {may} && ARRAY['run_office']
                AND EXISTS (
                    SELECT FROM manager_forms s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.office_id = {office}
                    AND s.state IN ('accepted', 'filed')
                )
            )
        END
        WHEN 'incident' THEN CASE kind
            WHEN 'evidence' THEN (
                {may} && ARRAY['examine', 'schedule']
                AND EXISTS (
                    SELECT FROM incidents s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.office_id = {office}
                )
            )
        END
        WHEN 'score_check' THEN CASE kind
            WHEN 'request' THEN (
                {may} && ARRAY['apply']
                AND EXISTS (
                    SELECT FROM score_checks s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id
                    AND EXISTS (SELECT FROM applications a WHERE a.id = s.application_id AND a.person_id = {person})
                    AND s.state IN ('open')
                )
            )
            WHEN 'evidence' THEN (
                {may} && ARRAY['examine']
                AND EXISTS (
                    SELECT FROM score_checks s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.office_id = {office}
                    AND s.state IN ('dismissed', 'open', 'upheld')
                )
            )
        END
        WHEN 'mark_correction' THEN CASE kind
            WHEN 'evidence' THEN (
                {may} && ARRAY['examine', 'supervise']
                AND EXISTS (
                    SELECT FROM mark_corrections s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.office_id = {office}
                    AND s.state IN ('asked')
                )
            )
        END
        WHEN 'sanction_case' THEN CASE kind
            WHEN 'evidence' THEN (
                {may} && ARRAY['run_office', 'supervise']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND true
                    AND s.state IN ('appealed', 'decided', 'hearing', 'proposed')
                )
            )
            OR (
                {may} && ARRAY['run_office', 'supervise']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id
                    AND s.opened_by_office_id = {office} AND s.state IN ('appealed', 'decided', 'hearing', 'proposed')
                )
            )
            WHEN 'lead' THEN (
                {may} && ARRAY['run_office', 'supervise']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND true
                    AND s.state IN ('appealed', 'decided', 'hearing', 'proposed')
                )
            )
            OR (
                {may} && ARRAY['run_office', 'supervise']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id
                    AND s.opened_by_office_id = {office} AND s.state IN ('appealed', 'decided', 'hearing', 'proposed')
                )
            )
            WHEN 'statement' THEN (
                {may} && ARRAY['apply']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id
                    AND EXISTS (SELECT FROM applications a WHERE a.id = s.application_id AND a.person_id = {person})
                    AND s.state IN ('hearing')
                )
            )
            WHEN 'appeal' THEN (
                {may} && ARRAY['apply']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id
                    AND EXISTS (SELECT FROM applications a WHERE a.id = s.application_id AND a.person_id = {person})
                    AND s.state IN ('appealed')
                )
            )
            WHEN 'receipt' THEN (
                {may} && ARRAY['supervise']
                AND EXISTS (
                    SELECT FROM sanction_cases s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND true
                    AND s.state IN ('appealed', 'cleared', 'decided', 'final', 'hearing', 'overturned')
                )
            )
        END
        WHEN 'objection' THEN CASE kind
            WHEN 'grounds' THEN (
                application_id IS NULL AND attachments.office_id = open_objection_office(attachments.subject_id)
            )
            WHEN 'inquiry' THEN (
                {may} && ARRAY['supervise']
                AND EXISTS (
                    SELECT FROM objections s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.office_id = {office}
                    AND s.state IN ('open')
                )
            )
        END
        WHEN 'evaluation_panel' THEN CASE kind
            WHEN 'minutes' THEN (
                {may} && ARRAY['examine']
                AND EXISTS (
                    SELECT FROM evaluation_panels s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.office_id = {office}
                    AND s.state IN ('closed', 'scoring')
                )
            )
        END
        WHEN 'identity_correction' THEN CASE kind
            WHEN 'evidence' THEN (
                {may} && ARRAY['apply']
                AND EXISTS (
                    SELECT FROM identity_corrections s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.person_id = {person}
                    AND s.state IN ('asked', 'examined')
                )
            )
            OR (
                {may} && ARRAY['review_for_department', 'review_for_unit']
                AND EXISTS (
                    SELECT FROM identity_corrections s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.unit_id = ANY ({units})
                    AND s.state IN ('asked', 'examined')
                )
            )
            OR (
                {may} && ARRAY['run_office']
                AND EXISTS (
                    SELECT FROM identity_corrections s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id AND s.office_id = {office}
                    AND s.state IN ('asked', 'examined')
                )
            )
        END
        WHEN 'ban' THEN CASE kind
            WHEN 'decision' THEN (
                {may} && ARRAY['lead_province']
                AND EXISTS (
                    SELECT FROM bans s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM NULL AND s.office_id = {office}
                )
            )
        END
        WHEN 'review_appeal' THEN CASE kind
            WHEN 'grounds' THEN (
                {may} && ARRAY['apply']
                AND EXISTS (
                    SELECT FROM review_appeals s
                    WHERE s.id = attachments.subject_id AND s.office_id = attachments.office_id
                    AND attachments.application_id IS NOT DISTINCT FROM s.application_id
                    AND EXISTS (SELECT FROM applications a WHERE a.id = s.application_id AND a.person_id = {person})
                    AND s.state IN ('open')
                )
            )
        END
    END
);

CREATE POLICY kaowu_auditor_select ON attachments FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY kaowu_keeper_select ON attachments FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON attachments FOR UPDATE TO kaowu_keeper USING (true);
CREATE POLICY attached_select ON attachments FOR SELECT TO kaowu_transfer USING (true);
