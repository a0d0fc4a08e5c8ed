-- A mark changes only by a correction that was granted.
CREATE FUNCTION guard_corrected_mark() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NEW.correction_id IS NOT DISTINCT FROM OLD.correction_id OR NOT EXISTS (
        SELECT FROM mark_corrections c WHERE c.id = NEW.correction_id AND c.state = 'granted'
        AND c.application_id = OLD.application_id AND c.subject = OLD.subject
        AND c.from_status = OLD.status AND c.from_mark IS NOT DISTINCT FROM OLD.mark
        AND c.to_status = NEW.status AND c.to_mark IS NOT DISTINCT FROM NEW.mark
    ) THEN
        RAISE EXCEPTION 'a mark changes only by a granted correction' USING ERRCODE = 'KW022';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_corrected_mark BEFORE UPDATE ON marks FOR EACH ROW
    WHEN (NEW.told_at IS NOT DISTINCT FROM OLD.told_at) EXECUTE FUNCTION guard_corrected_mark();
