-- A decision is counted, for good, for the office that answers for it; the case may go to another office later. One
-- that is taken back is counted off again.
CREATE FUNCTION count_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF NEW.action = 'undo' THEN
        INSERT INTO case_counts (office_id, local_office_id, handler_office_id, year, what, grade, submitted, decision, n)
        SELECT a.office_id, a.local_office_id, answers_for(m.id), a.year, m.action, NULL,
            m.acting_office_id IS NOT NULL, true, -1
        FROM applications a JOIN moves m ON m.application_id = a.id AND m.version = NEW.version - 1
        WHERE a.id = NEW.application_id AND m.action IN ('approve', 'confirm', 'return', 'reject');
        RETURN NULL;
    END IF;
    INSERT INTO case_counts (office_id, local_office_id, handler_office_id, year, what, grade, submitted, decision, n)
    SELECT a.office_id, a.local_office_id, answers_for(NEW.id), a.year, NEW.action, NULL,
        NEW.acting_office_id IS NOT NULL, true, 1 FROM applications a WHERE a.id = NEW.application_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER count_move AFTER INSERT ON moves
    FOR EACH ROW
    WHEN (NEW.action IN ('approve', 'confirm', 'return', 'reject', 'reopen', 'undo'))
    EXECUTE FUNCTION count_move();

REVOKE ALL ON FUNCTION count_move() FROM PUBLIC;
ALTER FUNCTION count_move() OWNER TO kaowu_transfer;
