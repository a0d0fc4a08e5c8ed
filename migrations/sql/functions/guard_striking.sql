-- Nobody is struck off a list before the time to be heard is over. A person who is concerned adds a statement while it
-- runs, and changes nothing else.
CREATE FUNCTION guard_striking() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    said constant text[] := ARRAY['statement', 'stated_at'];
    by_person constant boolean := nullif(current_setting('kaowu.office_id', true), '') IS NULL;
BEGIN
    IF by_person AND (to_jsonb(NEW) - said <> to_jsonb(OLD) - said
        OR NEW.kind <> 'strike' OR NEW.state <> 'proposed' OR NEW.stated_at >= OLD.heard_until) THEN
        RAISE EXCEPTION 'a person states their case while it may be heard' USING ERRCODE = 'KW003';
    ELSIF NOT by_person AND (NEW.statement, NEW.stated_at) IS DISTINCT FROM (OLD.statement, OLD.stated_at) THEN
        RAISE EXCEPTION 'nobody else changes a statement' USING ERRCODE = 'KW003';
    ELSIF NEW.kind = 'strike' AND OLD.state = 'proposed' AND NEW.state = 'granted'
        AND NEW.decided_at < NEW.heard_until THEN
        RAISE EXCEPTION 'nobody is struck before they could be heard' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_striking BEFORE UPDATE ON strikings
    FOR EACH ROW WHEN (current_user <> 'kaowu_keeper') EXECUTE FUNCTION guard_striking();
