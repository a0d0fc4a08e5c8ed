-- A case of sanctions changes only by a step.
CREATE FUNCTION guard_sanction_case() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF current_user = 'kaowu_keeper' THEN RETURN NEW; END IF;
    IF NEW.version <> OLD.version + 1 OR NOT EXISTS (
        SELECT FROM sanction_steps s WHERE s.case_id = NEW.id AND s.version = NEW.version
        AND s.from_state = OLD.state AND s.to_state = NEW.state
    ) THEN
        RAISE EXCEPTION 'a case changes only by a step' USING ERRCODE = 'KW003';
    END IF;
    IF current_setting('kaowu.scope', true) = 'person' AND (
        NEW.decided_at, NEW.decided_by, NEW.disqualifies, NEW.revokes, NEW.ban_years, NEW.ban_begins
    ) IS DISTINCT FROM (
        OLD.decided_at, OLD.decided_by, OLD.disqualifies, OLD.revokes, OLD.ban_years, OLD.ban_begins
    ) THEN
        RAISE EXCEPTION 'not the person''s to change' USING ERRCODE = 'KW003';
    END IF;
    -- A time begins once, with the service of its paper, and is not moved afterwards.
    IF (NEW.hearing_until, NEW.appeal_until) IS DISTINCT FROM (OLD.hearing_until, OLD.appeal_until) AND (
        NEW.hearing_until IS DISTINCT FROM OLD.hearing_until AND OLD.hearing_until IS NOT NULL
        OR NEW.appeal_until IS DISTINCT FROM OLD.appeal_until AND OLD.appeal_until IS NOT NULL
        OR NOT EXISTS (
            SELECT FROM sanction_steps s WHERE s.case_id = NEW.id AND s.version = NEW.version AND s.action = 'serve'
        )
    ) THEN
        RAISE EXCEPTION 'a time begins with the service of its paper' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_sanction_case BEFORE UPDATE ON sanction_cases
    FOR EACH ROW EXECUTE FUNCTION guard_sanction_case();
