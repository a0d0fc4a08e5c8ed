-- A move that takes a case out of the exam takes along what rested on it, whichever verb it is: the ticket in force is
-- void, seats in sittings to come are free, and with a decided case outcome and line of a list go too. The labels are
--  those of core/domain/workflow.py; a test holds them together.
CREATE FUNCTION take_along() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    why text := concat_ws('：', CASE NEW.action
        WHEN 'reject' THEN '审查不通过' WHEN 'lapse' THEN '容缺逾期' WHEN 'withdraw' THEN '撤回'
        WHEN 'reopen' THEN '重新审查' WHEN 'disqualify' THEN '取消资格' WHEN 'undo' THEN '撤销办理' ELSE NEW.action END, nullif(NEW.reason, ''));
BEGIN
    IF NEW.action = 'reopen' AND is_annulled(NEW.application_id) THEN
        why := '撤销审查结论：' || NEW.reason;
    END IF;
    UPDATE admission_tickets SET voided_at = NEW.at, void_reason = why, voided_by_move = NEW.id
    WHERE application_id = NEW.application_id AND voided_at IS NULL;
    -- A candidate who has sat has sat: arrivals, and sittings that are over, stay as they were.
    UPDATE seats s SET voided_at = NEW.at, voided_by_move = NEW.id
    FROM sittings t
    WHERE s.application_id = NEW.application_id AND t.id = s.sitting_id AND t.ends_at > NEW.at
    AND s.published_at IS NOT NULL AND s.voided_at IS NULL AND NOT EXISTS (
        SELECT FROM attendances d
        WHERE d.application_id = s.application_id AND d.sitting_id = s.sitting_id AND d.state = 'present');
    -- A decided case takes the result along as well: the outcome is annulled, and the line struck, of a closed list too.
    IF NEW.to_state = 'disqualified' OR is_annulled(NEW.application_id) THEN
        UPDATE outcomes SET annulled_at = NEW.at, annulled_reason = why
        WHERE application_id = NEW.application_id AND published_at IS NOT NULL AND annulled_at IS NULL;
        UPDATE publication_entries e SET struck_at = NEW.at, struck_by = NEW.account_id, struck_reason = why
        FROM publications p
        WHERE e.application_id = NEW.application_id AND e.struck_at IS NULL AND e.released_at IS NULL
        AND p.id = e.publication_id AND p.state IN ('published', 'closed');
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER take_along AFTER INSERT ON moves FOR EACH ROW
    WHEN (NEW.from_state IN ('provisional', 'qualified') AND NEW.to_state NOT IN ('provisional', 'qualified'))
    EXECUTE FUNCTION take_along();

REVOKE ALL ON FUNCTION take_along() FROM PUBLIC;
ALTER FUNCTION take_along() OWNER TO kaowu_transfer;
