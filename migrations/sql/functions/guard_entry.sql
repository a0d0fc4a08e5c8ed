-- Only a candidate who has passed is listed. A line that was struck stays struck, unless the decision to strike it was
-- taken back on its day, or a later one restores the person. A line is released, for good, where its list was corrected
-- or withdrawn, or a person was restored after the list was over.
CREATE FUNCTION guard_entry() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    given_back boolean := TG_OP = 'UPDATE' AND EXISTS (
        SELECT FROM strikings s WHERE s.application_id = NEW.application_id AND (
            (s.kind = 'strike' AND s.state = 'proposed')
            OR (s.kind = 'restore' AND s.state = 'granted' AND s.decided_at >= OLD.struck_at)
        )
    );
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM outcomes o WHERE o.application_id = NEW.application_id AND o.passed) THEN
            RAISE EXCEPTION 'only who passed is listed' USING ERRCODE = 'KW003';
        END IF;
    ELSIF OLD.released_at IS NOT NULL AND NEW.released_at IS DISTINCT FROM OLD.released_at THEN
        RAISE EXCEPTION 'a line that was released binds nobody again' USING ERRCODE = 'KW003';
    ELSIF OLD.struck_at IS NOT NULL AND NOT given_back AND (NEW.released_at IS NULL OR NEW.struck_at IS NULL) THEN
        RAISE EXCEPTION 'a line that was struck stays struck' USING ERRCODE = 'KW003';
    ELSIF OLD.released_at IS NULL AND NEW.released_at IS NOT NULL AND NOT given_back AND NOT EXISTS (
        SELECT FROM publications p WHERE p.id = NEW.publication_id AND p.state IN ('corrected', 'withdrawn')
    ) THEN
        RAISE EXCEPTION 'a line is released with its list' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_entry BEFORE INSERT OR UPDATE ON publication_entries FOR EACH ROW EXECUTE FUNCTION guard_entry();
