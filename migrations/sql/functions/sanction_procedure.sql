-- The table of core.sanctions.procedure; a test holds the two together.
CREATE FUNCTION sanction_procedure() RETURNS TABLE (action text, from_state text, to_state text)
LANGUAGE sql IMMUTABLE SET search_path = public AS $$
    VALUES
    ('hear', 'proposed', 'hearing'),
    ('drop', 'proposed', 'dropped'),
    ('serve', 'hearing', 'hearing'),
    ('state', 'hearing', 'hearing'),
    ('finish', 'hearing', 'hearing'),
    ('hand_up', 'hearing', 'hearing'),
    ('clear', 'hearing', 'cleared'),
    ('clear', 'decided', 'cleared'),
    ('decide', 'hearing', 'decided'),
    ('serve', 'decided', 'decided'),
    ('appeal', 'decided', 'appealed'),
    ('hand_up', 'decided', 'decided'),
    ('carry_out', 'decided', 'final'),
    ('uphold', 'appealed', 'final'),
    ('overturn', 'appealed', 'overturned')
$$;
