-- Whole statements, since an office takes in thousands of marks at once.
CREATE FUNCTION guard_added_marks() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT FROM added n WHERE n.correction_id IS NOT NULL)
        OR EXISTS (SELECT FROM added n JOIN outcomes o USING (application_id) WHERE o.published_at IS NOT NULL)
        OR EXISTS (SELECT FROM added n WHERE n.import_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM mark_import_rows r JOIN mark_imports i ON i.id = r.import_id
            WHERE r.import_id = n.import_id AND r.application_id = n.application_id AND r.subject = n.subject
            AND r.status = n.status AND r.mark IS NOT DISTINCT FROM n.mark
            AND i.state = 'confirmed' AND i.year = n.year))
        OR EXISTS (SELECT FROM added n WHERE n.import_id IS NULL AND (n.status <> 'absent' OR NOT EXISTS (
            SELECT FROM noted_at_door(
                (SELECT array_agg(DISTINCT a.application_id) FROM added a WHERE a.import_id IS NULL),
                (SELECT max(a.known_at) FROM added a)) AS d
            WHERE d.application_id = n.application_id AND d.subject = n.subject AND d.standing = 'absent')))
    THEN
        RAISE EXCEPTION 'a mark comes from a confirmed table' USING ERRCODE = 'KW022';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER guard_added_marks AFTER INSERT ON marks REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION guard_added_marks();
