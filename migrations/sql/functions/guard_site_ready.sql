-- A site is ready once its whole checklist is signed off.
CREATE FUNCTION guard_site_ready() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NEW.ready_at IS NOT NULL AND OLD.ready_at IS NULL AND (
        SELECT count(*) FROM (
            SELECT DISTINCT ON (item) item, passed FROM site_sign_offs WHERE site_id = NEW.id ORDER BY item, id DESC
        ) latest WHERE passed
    ) < 4 THEN
        RAISE EXCEPTION 'the checklist of this site is not signed off' USING ERRCODE = 'KW018';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_site_ready BEFORE UPDATE ON exam_sites FOR EACH ROW EXECUTE FUNCTION guard_site_ready();
