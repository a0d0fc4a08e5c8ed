-- A certificate needs a pass on a closed list, and one that was revoked or superseded is never revived. One is
-- superseded by a reissue that two people agreed to, and only then issued again.
CREATE FUNCTION guard_certificate() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at
            OR OLD.returned_at IS NOT NULL AND NEW.returned_at IS DISTINCT FROM OLD.returned_at THEN
            RAISE EXCEPTION 'a certificate that was revoked is never revived' USING ERRCODE = 'KW003';
        END IF;
        IF NEW.superseded_at IS DISTINCT FROM OLD.superseded_at AND (
            OLD.superseded_at IS NOT NULL OR OLD.revoked_at IS NOT NULL OR NOT EXISTS (
                SELECT FROM certificate_reissues r
                WHERE r.certificate_id = NEW.id AND r.state = 'granted' AND r.ground = NEW.superseded_ground
            )
        ) THEN
            RAISE EXCEPTION 'a certificate is superseded once, by a granted reissue' USING ERRCODE = 'KW003';
        END IF;
    ELSIF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM certificates c
        WHERE c.id = NEW.replaces_id AND c.superseded_at = NEW.issued_at AND c.application_id = NEW.application_id
    ) OR NEW.replaces_id IS NULL AND EXISTS (
        SELECT FROM certificates c WHERE c.application_id = NEW.application_id
    ) THEN
        RAISE EXCEPTION 'a further certificate takes the place of the one before' USING ERRCODE = 'KW003';
    ELSIF NOT EXISTS (
        SELECT FROM publication_entries e
        JOIN publications p ON p.id = e.publication_id
        JOIN applications a ON a.id = e.application_id
        JOIN outcomes o ON o.application_id = e.application_id
        WHERE e.publication_id = NEW.publication_id AND e.application_id = NEW.application_id
        AND e.struck_at IS NULL AND e.released_at IS NULL AND p.state = 'closed' AND p.closed_at <= NEW.issued_at
        AND a.state = 'qualified' AND o.passed
    ) THEN
        RAISE EXCEPTION 'no certificate without a pass and a list whose period is over' USING ERRCODE = 'KW003';
    ELSIF under_sanction(NEW.application_id) THEN
        RAISE EXCEPTION 'no certificate while a case is open' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_certificate BEFORE INSERT OR UPDATE ON certificates
    FOR EACH ROW EXECUTE FUNCTION guard_certificate();
