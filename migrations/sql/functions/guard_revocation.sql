-- A certificate is revoked where a final case says so, or where a mark that two people corrected took the pass away. It
-- is revoked for good: a corrected mark therefore takes it only once nobody can have that mark checked any more.
CREATE FUNCTION guard_revocation() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NOT loses_certificate(NEW.application_id) AND NOT EXISTS (
        SELECT FROM outcomes o JOIN mark_corrections m ON m.id = o.correction_id AND m.state = 'granted'
        WHERE o.application_id = NEW.application_id AND NOT o.passed
        AND (m.check_until IS NULL OR m.check_until <= NEW.revoked_at)
        AND NOT EXISTS (SELECT FROM score_checks c WHERE c.application_id = o.application_id AND c.state = 'open')
        AND NOT EXISTS (SELECT FROM mark_corrections a WHERE a.application_id = o.application_id AND a.state = 'asked')
    ) THEN
        RAISE EXCEPTION 'a certificate is revoked by a final case or a corrected mark' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_revocation BEFORE UPDATE ON certificates
    FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION guard_revocation();
