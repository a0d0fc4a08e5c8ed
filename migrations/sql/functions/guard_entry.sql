-- Only a candidate who has passed is listed, and a line that was struck stays struck.
CREATE FUNCTION guard_entry() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NOT EXISTS (
        SELECT FROM outcomes o WHERE o.application_id = NEW.application_id AND o.passed
    ) THEN
        RAISE EXCEPTION 'only who passed is listed' USING ERRCODE = 'KW003';
    ELSIF TG_OP = 'UPDATE' AND OLD.struck_at IS NOT NULL THEN
        RAISE EXCEPTION 'a line that was struck stays struck' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_entry BEFORE INSERT OR UPDATE ON publication_entries FOR EACH ROW EXECUTE FUNCTION guard_entry();
