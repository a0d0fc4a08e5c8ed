-- A state changes only by a move, and other columns only by the office in charge.
CREATE FUNCTION guard_application() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    who_office text := nullif(current_setting('kaowu.office_id', true), '');
BEGIN
    IF NEW.state = OLD.state AND NEW.version = OLD.version THEN
        IF current_user <> 'kaowu_transfer' AND who_office IS NOT NULL AND who_office <> OLD.handler_office_id THEN
            RAISE EXCEPTION 'office % is not in charge of this case', who_office USING ERRCODE = 'KW003';
        END IF;
    ELSIF NOT EXISTS (
        SELECT FROM moves m WHERE m.application_id = NEW.id AND m.version = NEW.version
        AND NEW.version = OLD.version + 1 AND m.from_state = OLD.state AND m.to_state = NEW.state
    ) THEN
        RAISE EXCEPTION 'a state changes only by a move' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_application BEFORE UPDATE ON applications FOR EACH ROW EXECUTE FUNCTION guard_application();
