-- Nobody who is suspended gets a ticket: an issue in bulk leaves them out. It has locked their cases, so that a
-- suspension either waits and then takes the ticket, or is seen here.
CREATE FUNCTION hold_back_ticket() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF suspended(NEW.application_id) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER hold_back_ticket BEFORE INSERT ON admission_tickets
    FOR EACH ROW EXECUTE FUNCTION hold_back_ticket();
