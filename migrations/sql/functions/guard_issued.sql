-- No review takes back what was published or certified, and nobody is disqualified without a final decision. The actions
-- left out lead onwards, or end what was never passed on.
CREATE FUNCTION guard_issued() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF bars_move(NEW.application_id, NEW.action) IS NOT NULL THEN
        RAISE EXCEPTION 'not without a final decision, nor behind what was published or certified' USING ERRCODE = 'KW031';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_issued BEFORE INSERT ON moves FOR EACH ROW
    WHEN (
        NEW.to_state NOT IN ('provisional', 'qualified')
        AND NEW.action NOT IN ('submit', 'resubmit', 'approve', 'confirm', 'supplement', 'clear', 'expire')
    )
    EXECUTE FUNCTION guard_issued();

REVOKE ALL ON FUNCTION guard_issued() FROM PUBLIC;
ALTER FUNCTION guard_issued() OWNER TO kaowu_transfer;
