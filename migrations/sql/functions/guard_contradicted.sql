-- A table that contradicts the door list is taken in only with a reason for each candidate.
CREATE FUNCTION guard_contradicted() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF EXISTS (
        SELECT FROM mark_import_rows r JOIN noted_at_door(
            (SELECT array_agg(DISTINCT m.application_id) FROM mark_import_rows m WHERE m.import_id = NEW.id),
            NEW.decided_at
        ) AS d ON d.application_id = r.application_id AND d.subject = r.subject
        WHERE r.import_id = NEW.id
        AND (d.standing = 'absent' AND r.status <> 'absent' OR d.standing = 'present' AND r.status = 'absent')
        AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(NEW.contradictions) AS c
            WHERE c ->> 'application' = r.application_id::text AND c ->> 'subject' = r.subject
            AND btrim(c ->> 'reason') <> '')
    ) THEN
        RAISE EXCEPTION 'a table that contradicts the door list needs a reason' USING ERRCODE = 'KW022';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_contradicted BEFORE UPDATE ON mark_imports
    FOR EACH ROW WHEN (OLD.state = 'proposed' AND NEW.state = 'confirmed') EXECUTE FUNCTION guard_contradicted();
