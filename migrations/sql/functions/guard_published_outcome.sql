-- A published outcome changes only by a granted correction, or by a decided case that annuls it (take_along).
CREATE FUNCTION guard_published_outcome() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NEW.published_at IS DISTINCT FROM OLD.published_at
        OR NEW.correction_id IS NOT DISTINCT FROM OLD.correction_id OR NOT EXISTS (
        SELECT FROM mark_corrections c WHERE c.id = NEW.correction_id AND c.state = 'granted'
        AND c.application_id = OLD.application_id
    ) THEN
        RAISE EXCEPTION 'a published outcome changes only by a granted correction' USING ERRCODE = 'KW022';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_published_outcome BEFORE UPDATE ON outcomes
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL AND current_user <> 'kaowu_transfer') EXECUTE FUNCTION guard_published_outcome();
