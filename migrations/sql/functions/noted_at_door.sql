-- What the door list says of each subject, for the guards; core.scheduling has the same rule, presences().
CREATE FUNCTION noted_at_door(p_applications uuid[], p_at timestamptz)
RETURNS TABLE (application_id uuid, subject text, standing text)
LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT s.application_id, u.subject,
        CASE WHEN bool_or(d.state = 'present') THEN 'present'
            WHEN bool_and(coalesce(d.state = 'absent', false) AND t.ends_at <= p_at) THEN 'absent'
            ELSE 'unknown' END
    FROM seats s JOIN sittings t ON t.id = s.sitting_id CROSS JOIN unnest(t.subjects) AS u(subject)
    LEFT JOIN attendances d ON d.sitting_id = s.sitting_id AND d.application_id = s.application_id
    WHERE s.application_id = ANY (p_applications) AND s.published_at IS NOT NULL AND s.voided_at IS NULL
    AND t.cancelled_at IS NULL
    GROUP BY s.application_id, u.subject
$$;
