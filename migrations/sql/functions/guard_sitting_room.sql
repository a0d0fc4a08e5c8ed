-- A room is used only of a site that is ready, open and serves the office.
CREATE FUNCTION guard_sitting_room() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    the_site exam_sites%ROWTYPE;
BEGIN
    IF NEW.withdrawn_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    SELECT * INTO the_site FROM exam_sites WHERE id = NEW.site_id;
    IF the_site.ready_at IS NULL OR the_site.closed_at IS NOT NULL
        OR EXISTS (SELECT FROM exam_rooms WHERE id = NEW.room_id AND retired_at IS NOT NULL)
        OR NOT EXISTS (SELECT FROM site_offices WHERE site_id = NEW.site_id AND served_office_id = NEW.office_id)
    THEN
        RAISE EXCEPTION 'this site may not be used' USING ERRCODE = 'KW018';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_sitting_room BEFORE INSERT OR UPDATE OF withdrawn_at ON sitting_rooms
    FOR EACH ROW EXECUTE FUNCTION guard_sitting_room();
