-- What the ticket of each candidate tells today, as values and never as ids: what is public in plain text, one entry for
-- each sitting in the order of their times; what is personal as a digest. ``digest`` is that of the seats alone, which
-- the release before compares.
CREATE FUNCTION ticket_grounds(p_cases uuid[])
RETURNS TABLE (application_id uuid, plan_id uuid, digest text, grounds jsonb)
LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT a.id, (array_agg(s.plan_id))[1],
        encode(sha256(convert_to(string_agg(concat_ws('/', s.sitting_id, s.room_id, s.seat,
            extract(epoch FROM t.starts_at), extract(epoch FROM t.ends_at)), ',' ORDER BY s.sitting_id), 'UTF8')), 'hex'),
        jsonb_build_object(
            'name', encode(sha256(convert_to(concat_ws('/', a.id, a.person_name), 'UTF8')), 'hex'),
            'id_tail', encode(sha256(convert_to(concat_ws('/', a.id, a.id_tail), 'UTF8')), 'hex'),
            'case', encode(sha256(convert_to(concat_ws('/', a.id, a.unit_name, a.grade, a.trade), 'UTF8')), 'hex'),
            'photo', (SELECT d.sha256 FROM documents d
                WHERE d.application_id = a.id AND d.material = 'photo' AND d.superseded_at IS NULL),
            'times', jsonb_agg(jsonb_build_array(extract(epoch FROM t.starts_at)::bigint,
                extract(epoch FROM t.ends_at)::bigint, array_to_string(t.subjects, '、')) ORDER BY t.starts_at, t.id),
            'sites', jsonb_agg(concat_ws(' ', e.code, e.name) ORDER BY t.starts_at, t.id),
            'addresses', jsonb_agg(e.address ORDER BY t.starts_at, t.id),
            'rooms', jsonb_agg(r.name ORDER BY t.starts_at, t.id),
            'seats', jsonb_agg(s.seat ORDER BY t.starts_at, t.id))
    FROM seats s
    JOIN applications a ON a.id = s.application_id
    JOIN sittings t ON t.id = s.sitting_id
    JOIN exam_rooms r ON r.id = s.room_id
    JOIN exam_sites e ON e.id = r.site_id
    WHERE s.application_id = ANY (p_cases) AND s.published_at IS NOT NULL AND s.voided_at IS NULL
    GROUP BY a.id
$$;
