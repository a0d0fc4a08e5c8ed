-- A mark goes only with its table, once that was withdrawn, and before publication.
CREATE FUNCTION guard_removed_marks() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT FROM removed o LEFT JOIN mark_imports i ON i.id = o.import_id
            WHERE o.correction_id IS NOT NULL OR (o.import_id IS NOT NULL AND i.state IS DISTINCT FROM 'withdrawn'))
        OR EXISTS (SELECT FROM removed r JOIN outcomes o USING (application_id) WHERE o.published_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'a mark goes only with its table, before publication' USING ERRCODE = 'KW022';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER guard_removed_marks AFTER DELETE ON marks REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION guard_removed_marks();
