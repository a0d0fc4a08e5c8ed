-- A step is one that the procedure knows.
CREATE FUNCTION guard_sanction_step() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    the_case sanction_cases%ROWTYPE;
BEGIN
    SELECT * INTO the_case FROM sanction_cases WHERE id = NEW.case_id;
    IF NOT FOUND OR the_case.state <> NEW.from_state OR the_case.version + 1 <> NEW.version
        OR (NEW.action, NEW.from_state, NEW.to_state) NOT IN (SELECT * FROM sanction_procedure()) THEN
        RAISE EXCEPTION 'not a step of this case''s procedure' USING ERRCODE = 'KW003';
    END IF;
    -- A time that has not begun to run, as its paper has not been served, is null and never over.
    IF NEW.action = 'decide' AND NEW.at < coalesce(the_case.hearing_until, 'infinity') AND NOT EXISTS (
        SELECT FROM sanction_steps s WHERE s.case_id = NEW.case_id AND s.action = 'finish'
    ) OR NEW.action = 'clear' AND NEW.from_state = 'hearing' AND NEW.at < coalesce(the_case.hearing_until, 'infinity')
        AND NOT EXISTS (
            SELECT FROM sanction_steps s WHERE s.case_id = NEW.case_id AND s.action IN ('state', 'finish')
        )
        OR NEW.action = 'carry_out' AND NEW.at < coalesce(the_case.appeal_until, 'infinity')
        OR NEW.action IN ('state', 'finish') AND NEW.at >= coalesce(the_case.hearing_until, '-infinity')
        OR NEW.action = 'appeal' AND NEW.at >= coalesce(the_case.appeal_until, '-infinity')
        OR NEW.action = 'serve' AND NEW.from_state = 'hearing' AND the_case.hearing_until IS NOT NULL
        OR NEW.action = 'serve' AND NEW.from_state = 'decided' AND the_case.appeal_until IS NOT NULL
        OR NEW.action IN ('uphold', 'overturn') AND NEW.account_id = the_case.decided_by
        OR NEW.action = 'clear' AND NEW.from_state = 'decided' AND (
            NEW.account_id = the_case.decided_by OR NOT another_is_live(the_case.application_id)
        ) THEN
        RAISE EXCEPTION 'not at this time, or not by this account' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_sanction_step BEFORE INSERT ON sanction_steps
    FOR EACH ROW EXECUTE FUNCTION guard_sanction_step();
