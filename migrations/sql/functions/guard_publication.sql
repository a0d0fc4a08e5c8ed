-- A list goes from draft to published to closed, and its dates stay. Out of it it may be corrected, which only makes room
-- for the next edition; or withdrawn, even once it is closed, as long as no certificate was issued for it.
CREATE FUNCTION guard_publication() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NOT (
        (OLD.state, NEW.state) IN (
            ('draft', 'published'), ('published', 'closed'), ('published', 'corrected'), ('published', 'withdrawn'),
            ('closed', 'withdrawn')
        )
        OR (OLD.state = NEW.state AND OLD.published_at IS NOT DISTINCT FROM NEW.published_at
            AND OLD.ends_at IS NOT DISTINCT FROM NEW.ends_at AND OLD.closed_at IS NOT DISTINCT FROM NEW.closed_at)
    ) OR (OLD.state <> 'draft' AND OLD.ends_at <> NEW.ends_at)
    OR (OLD.state = 'closed' AND OLD.closed_at <> NEW.closed_at) THEN
        RAISE EXCEPTION 'a list goes from draft to published to closed, and keeps its period' USING ERRCODE = 'KW003';
    ELSIF NEW.state = 'withdrawn' AND EXISTS (SELECT FROM certificates c WHERE c.publication_id = NEW.id) THEN
        RAISE EXCEPTION 'a list with certificates is not withdrawn' USING ERRCODE = 'KW028';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_publication BEFORE UPDATE ON publications FOR EACH ROW EXECUTE FUNCTION guard_publication();
