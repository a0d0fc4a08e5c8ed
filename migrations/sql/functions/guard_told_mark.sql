-- A candidate is told of a mark once: with its entry, or with the publication of the outcome.
CREATE FUNCTION guard_told_mark() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF OLD.told_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM outcomes o WHERE o.application_id = OLD.application_id AND o.published_at = NEW.told_at
    ) OR (NEW.mark, NEW.status, NEW.correction_id) IS DISTINCT FROM (OLD.mark, OLD.status, OLD.correction_id) THEN
        RAISE EXCEPTION 'a mark is told once, with the publication of the outcome' USING ERRCODE = 'KW022';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_told_mark BEFORE UPDATE ON marks FOR EACH ROW
    WHEN (NEW.told_at IS DISTINCT FROM OLD.told_at) EXECUTE FUNCTION guard_told_mark();
