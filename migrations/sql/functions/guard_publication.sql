-- A list goes from draft to published to closed, and its dates stay.
CREATE FUNCTION guard_publication() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NOT (
        (OLD.state, NEW.state) IN (('draft', 'published'), ('published', 'closed'))
        OR (OLD.state = NEW.state AND OLD.published_at IS NOT DISTINCT FROM NEW.published_at
            AND OLD.ends_at IS NOT DISTINCT FROM NEW.ends_at AND OLD.closed_at IS NOT DISTINCT FROM NEW.closed_at)
    ) OR (OLD.state <> 'draft' AND OLD.ends_at <> NEW.ends_at) THEN
        RAISE EXCEPTION 'a list goes from draft to published to closed, and keeps its period' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_publication BEFORE UPDATE ON publications FOR EACH ROW EXECUTE FUNCTION guard_publication();
