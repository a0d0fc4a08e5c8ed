-- Nobody scores themselves or somebody of their own unit.
CREATE FUNCTION guard_sheet() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM panel_members m, applications a
        WHERE m.panel_id = NEW.panel_id AND m.account_id = NEW.account_id AND a.id = NEW.application_id
        AND m.person_id IS DISTINCT FROM a.person_id AND m.unit_id IS DISTINCT FROM a.unit_id
    ) THEN
        RAISE EXCEPTION 'member and candidate have to avoid each other' USING ERRCODE = 'KW023';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_sheet BEFORE INSERT ON evaluation_sheets FOR EACH ROW EXECUTE FUNCTION guard_sheet();
