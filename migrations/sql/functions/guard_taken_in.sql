-- Marks that were taken in go by a supervisor alone.
CREATE FUNCTION guard_taken_in() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    -- The keeper replaces reasons whose time is over.
    IF current_user = 'kaowu_keeper' THEN
        RETURN NEW;
    END IF;
    IF NEW.state <> 'withdrawn' OR NOT coalesce('supervise' = ANY (
        nullif(current_setting('kaowu.permissions', true), '')::text[]), false) THEN
        RAISE EXCEPTION 'marks that were taken in go by a supervisor alone' USING ERRCODE = 'KW022';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_taken_in BEFORE UPDATE ON mark_imports
    FOR EACH ROW WHEN (OLD.state = 'confirmed' AND current_user <> 'kaowu_keeper') EXECUTE FUNCTION guard_taken_in();
