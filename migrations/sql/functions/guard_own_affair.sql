-- Nobody decides on their own affair, nor on that of somebody to whom they declared a relation (回避), by whichever
-- account or deputy. Asked as the role that may look behind the policies.
CREATE FUNCTION guard_own_affair() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    told jsonb := to_jsonb(NEW);
    concerned uuid;
BEGIN
    concerned := CASE TG_TABLE_NAME
        WHEN 'sanction_steps' THEN (
            SELECT c.application_id FROM sanction_cases c WHERE c.id = (told ->> 'case_id')::uuid)
        WHEN 'objections' THEN (
            SELECT e.application_id FROM publication_entries e
            WHERE e.publication_id = (told ->> 'publication_id')::uuid AND e.position = (told ->> 'position')::bigint)
        ELSE (told ->> 'application_id')::uuid
    END;
    IF EXISTS (
        SELECT FROM applications a JOIN accounts c ON c.person_id = a.person_id
        WHERE a.id = concerned AND c.id = ANY (acting_accounts())
    ) THEN
        RAISE EXCEPTION 'nobody decides on their own affair' USING ERRCODE = 'KW004';
    END IF;
    IF related(acting_accounts(), concerned) THEN
        RAISE EXCEPTION 'nobody decides where they declared a relation' USING ERRCODE = 'KW032';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_own_affair BEFORE UPDATE ON accommodation_requests
    FOR EACH ROW EXECUTE FUNCTION guard_own_affair();
CREATE TRIGGER guard_own_affair BEFORE INSERT OR UPDATE ON certificate_reissues
    FOR EACH ROW WHEN (NEW.state <> 'asked') EXECUTE FUNCTION guard_own_affair();
CREATE TRIGGER guard_own_affair BEFORE INSERT OR UPDATE ON mark_corrections
    FOR EACH ROW EXECUTE FUNCTION guard_own_affair();
CREATE TRIGGER guard_own_affair BEFORE UPDATE OF state ON objections FOR EACH ROW EXECUTE FUNCTION guard_own_affair();
CREATE TRIGGER guard_own_affair BEFORE UPDATE OF state ON review_appeals
    FOR EACH ROW EXECUTE FUNCTION guard_own_affair();
CREATE TRIGGER guard_own_affair BEFORE INSERT ON sanction_steps
    FOR EACH ROW WHEN (NEW.office_id IS NOT NULL) EXECUTE FUNCTION guard_own_affair();
CREATE TRIGGER guard_own_affair BEFORE UPDATE OF state ON strikings
    FOR EACH ROW EXECUTE FUNCTION guard_own_affair();
CREATE TRIGGER guard_own_affair BEFORE UPDATE ON score_checks FOR EACH ROW EXECUTE FUNCTION guard_own_affair();

ALTER FUNCTION guard_own_affair() OWNER TO kaowu_transfer;
