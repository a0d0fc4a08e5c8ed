-- A decision is taken back by the account that made it, in time, and leads to where it was made.
CREATE FUNCTION guard_undo() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF undo_bar(NEW.application_id, NEW.account_id, NEW.at) IS NOT NULL OR NOT EXISTS (
        SELECT FROM moves m WHERE m.application_id = NEW.application_id AND m.version = NEW.version - 1
        AND m.from_state = NEW.to_state AND m.to_state = NEW.from_state
    ) THEN
        RAISE EXCEPTION 'this decision cannot be taken back' USING ERRCODE = 'KW028';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_undo BEFORE INSERT ON moves FOR EACH ROW WHEN (NEW.action = 'undo') EXECUTE FUNCTION guard_undo();

REVOKE ALL ON FUNCTION guard_undo() FROM PUBLIC;
ALTER FUNCTION guard_undo() OWNER TO kaowu_transfer;
