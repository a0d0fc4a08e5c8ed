-- What core.documents.queries.check_awaited says, held for the role that requests run as: while an application is
-- drafted it takes any paper; once returned, those that were found faulty and those that were missing; afterwards the
-- deferred ones. A paper that a later one supersedes must be one that may be exchanged.
CREATE FUNCTION guard_document() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    the_state text;
    unlocked text[];
BEGIN
    IF current_user <> 'kaowu_app' THEN
        RETURN NEW;
    END IF;
    SELECT state, unlocked_items INTO the_state, unlocked FROM applications WHERE id = NEW.application_id;
    -- Evidence for accommodations is no paper that a reviewer goes by: it may come at any time.
    IF the_state = 'draft' OR NEW.material = 'accommodation.evidence' OR EXISTS (
        SELECT FROM deferrals f WHERE f.application_id = NEW.application_id AND f.material = NEW.material
        AND f.state IN ('open', 'supplemented')
    ) OR (the_state = 'returned' AND (
        unlocked IS NULL OR NEW.material = ANY (unlocked)
        OR NOT EXISTS (
            SELECT FROM documents d WHERE d.application_id = NEW.application_id AND d.material = NEW.material
        )
    )) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'this application takes no such paper now' USING ERRCODE = 'KW003';
END
$$;

CREATE TRIGGER guard_document BEFORE INSERT OR UPDATE OF superseded_at ON documents
    FOR EACH ROW EXECUTE FUNCTION guard_document();
