-- A course takes no more than it has places for.
CREATE FUNCTION guard_training_places() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    -- Two who take the last place do so one after the other.
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.course_id::text, 18));
    IF (SELECT count(*) FROM training_enrolments WHERE course_id = NEW.course_id AND withdrawn_at IS NULL)
        > (SELECT places FROM training_courses WHERE id = NEW.course_id) THEN
        RAISE EXCEPTION 'this course is full' USING ERRCODE = 'KW019';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER guard_training_places AFTER INSERT ON training_enrolments
    FOR EACH ROW EXECUTE FUNCTION guard_training_places();

REVOKE ALL ON FUNCTION guard_training_places() FROM PUBLIC;
ALTER FUNCTION guard_training_places() OWNER TO kaowu_transfer;
