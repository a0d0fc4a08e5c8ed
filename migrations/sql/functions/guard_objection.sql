-- An objection is answered once, unless the striking that answered it was taken back on its day.
CREATE FUNCTION guard_objection() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    -- The keeper seals the contact anew and changes nothing else.
    IF OLD.state <> 'open' AND OLD.contact = NEW.contact AND NOT (NEW.state = 'open' AND EXISTS (
        SELECT FROM strikings s WHERE s.objection_id = OLD.id AND s.state = 'proposed'
    )) THEN
        RAISE EXCEPTION 'an objection is decided once' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_objection BEFORE UPDATE ON objections FOR EACH ROW EXECUTE FUNCTION guard_objection();
