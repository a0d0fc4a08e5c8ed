-- A suspension ends with its case, once and for good; nobody suspends their own case.
CREATE FUNCTION guard_suspension() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.lifted_at IS NOT NULL OR EXISTS (
        SELECT FROM sanction_cases c
        WHERE c.id = NEW.case_id AND c.state IN ('proposed', 'hearing', 'decided', 'appealed')
    )) THEN
        RAISE EXCEPTION 'a suspension ends with its case' USING ERRCODE = 'KW003';
    END IF;
    IF TG_OP = 'INSERT' AND EXISTS (
        SELECT FROM accounts b JOIN applications a ON a.person_id = b.person_id
        WHERE a.id = NEW.application_id
        AND b.id IN (NEW.imposed_by, nullif(current_setting('kaowu.on_behalf_of', true), '')::uuid)
    ) THEN
        RAISE EXCEPTION 'nobody decides on their own affair' USING ERRCODE = 'KW004';
    END IF;
    IF TG_OP = 'INSERT' AND related(acting_accounts(), NEW.application_id) THEN
        RAISE EXCEPTION 'nobody decides where they declared a relation' USING ERRCODE = 'KW032';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_suspension BEFORE INSERT ON suspensions
    FOR EACH ROW EXECUTE FUNCTION guard_suspension();
CREATE TRIGGER guard_suspension_end BEFORE UPDATE ON suspensions
    FOR EACH ROW WHEN (current_user <> 'kaowu_keeper') EXECUTE FUNCTION guard_suspension();

REVOKE ALL ON FUNCTION guard_suspension() FROM PUBLIC;
ALTER FUNCTION guard_suspension() OWNER TO kaowu_transfer;
