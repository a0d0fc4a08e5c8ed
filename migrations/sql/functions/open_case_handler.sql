-- Every new case begins with its owner in charge.
CREATE FUNCTION open_case_handler() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO case_handlers (application_id, office_id, owner_office_id, "from", reason, account_id)
    VALUES (NEW.id, NEW.office_id, NEW.office_id, NEW.created_at, 'created', NEW.created_by);
    RETURN NULL;
END
$$;

CREATE TRIGGER open_case_handler AFTER INSERT ON applications FOR EACH ROW EXECUTE FUNCTION open_case_handler();

REVOKE ALL ON FUNCTION open_case_handler() FROM PUBLIC;
ALTER FUNCTION open_case_handler() OWNER TO kaowu_transfer;
