-- A case is counted where it is in hand now. The decisions on it stay with the offices that made them (count_move).
CREATE FUNCTION count_case() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO case_counts (
            office_id, local_office_id, handler_office_id, year, what, grade, submitted, decision, n
        ) VALUES (
            OLD.office_id, OLD.local_office_id, OLD.handler_office_id, OLD.year,
            OLD.state, OLD.grade, OLD.round > 0, false, -1
        );
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO case_counts (
            office_id, local_office_id, handler_office_id, year, what, grade, submitted, decision, n
        ) VALUES (
            NEW.office_id, NEW.local_office_id, NEW.handler_office_id, NEW.year,
            NEW.state, NEW.grade, NEW.round > 0, false, 1
        );
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER count_case
    AFTER INSERT OR DELETE OR UPDATE OF office_id, local_office_id, handler_office_id, state, grade, round
    ON applications
    FOR EACH ROW EXECUTE FUNCTION count_case();

REVOKE ALL ON FUNCTION count_case() FROM PUBLIC;
ALTER FUNCTION count_case() OWNER TO kaowu_transfer;
