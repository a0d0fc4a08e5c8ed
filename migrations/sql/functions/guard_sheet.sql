-- Nobody scores themselves or somebody of their own unit, and nobody who has left the panel scores at all.
CREATE FUNCTION guard_sheet() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM panel_members m JOIN may_judge(NEW.panel_id, ARRAY[NEW.account_id]) j ON j.account_id = m.account_id
        WHERE m.panel_id = NEW.panel_id AND m.left_at IS NULL AND j.candidate_id = NEW.candidate_id
    ) THEN
        RAISE EXCEPTION 'member and candidate have to avoid each other' USING ERRCODE = 'KW023';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_sheet BEFORE INSERT ON evaluation_sheets FOR EACH ROW EXECUTE FUNCTION guard_sheet();

ALTER FUNCTION guard_sheet() OWNER TO kaowu_transfer;
