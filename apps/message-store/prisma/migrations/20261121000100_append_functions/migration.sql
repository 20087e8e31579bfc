-- The hot writes. Each is one call for a whole batch, so one round trip and one transaction. Appends have two: most
-- batches are as the store expects and are stored by `append_known`; `append_envelopes` judges all others.
--
-- Note [Two statements, two snapshots]: under READ COMMITTED each statement of a VOLATILE plpgsql function sees what
-- was committed when that statement began. The first only locks; whatever another transaction did before it released
-- the lock (the same envelope, a removal, the last seq) is visible to the second. In one statement it would not be:
-- a statement that waited for a row sees the new version of that row, and the old state of every other table.
--
-- Note [Planned once, by index]: planning a statement anew for each call costs several times as much as carrying it
-- out; and a plan made while a table was empty (a sequential scan, a hash of the whole table) would be kept for a while
-- after it is not. Hence a generic plan that finds every row by its key. A loop over the items is no faster for few
-- and slower for many (60 µs an envelope in batches of 50 against 40, on a busy machine).

-- Note [As little as it must]: what a call costs is the start of its plan, node by node, more than the rows (490 µs of
-- one core for a single envelope before, 350 after, on a slow machine; `npm run bench:micro`). Hence:
-- 1. The caller sends no envelope twice in one call, so nothing here looks for it: a batch that holds one twice is
--    settled in two calls (append-statement.ts). The unique index holds that promise.
-- 2. The caller says where each ciphertext begins, instead of a sum over the batch.
-- 3. Member users are read apart, and only by a store whose list is old: once per conversation and change.

-- Outcomes: 0 accepted, 1 duplicate, 2 not-member, 3 stale-commit, 6 closed (`appendOutcome` of libs/protocol).
-- Rows come in the order of the arrays.
CREATE FUNCTION append_envelopes(
    conversation_ids UUID[],
    user_ids UUID[],
    device_ids UUID[],
    -- No pair of conversation and envelope stands here twice.
    envelope_ids UUID[],
    commit_seqs BIGINT[],
    -- Counted from 1, as `substring` does.
    byte_starts INTEGER[],
    byte_counts INTEGER[],
    -- All ciphertexts, one after the other: an array of bytea would have to be written as text.
    ciphertexts BYTEA
)
RETURNS TABLE (outcome INTEGER, seq BIGINT, at_ms BIGINT, roster_version BIGINT)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    -- Read after the wait for the locks, so that time follows seq.
    stored_at TIMESTAMPTZ(3);
BEGIN
    -- 1. Lock, in the order of the ids, so that two batches never wait for each other in a circle.
    PERFORM 1 FROM conversations c WHERE c.id = ANY (conversation_ids) ORDER BY c.id FOR UPDATE;
    stored_at := clock_timestamp();

    -- 2. Judge, number, store.
    RETURN QUERY
    WITH judged AS MATERIALIZED (
        SELECT i.*, c.head_seq, c.last_commit_seq, c.roster_version, first.seq AS first_seq, first.created_at AS first_at,
            CASE
                -- First of all: a resend gets its first answer also after its sender was removed.
                WHEN first.seq IS NOT NULL THEN 1
                -- Not EXISTS, which may be planned as a hash of all members.
                WHEN (
                    SELECT m.device_id FROM members m
                    WHERE m.conversation_id = i.conversation_id AND m.device_id = i.device_id AND m.user_id = i.user_id
                        AND m.left_seq IS NULL AND m.departing_at IS NULL
                    LIMIT 1
                ) IS NULL THEN 2
                WHEN c.generation <> (SELECT s.generation FROM store_state s WHERE s.id = 1) THEN 6
                WHEN i.commit_seq < c.min_commit_seq OR NOT i.commit_seq = ANY (c.open_commit_seqs) THEN 3
                ELSE 0
            END AS verdict
        FROM unnest(conversation_ids, user_ids, device_ids, envelope_ids, commit_seqs, byte_starts, byte_counts)
            WITH ORDINALITY AS i (conversation_id, user_id, device_id, envelope_id, commit_seq, byte_start, byte_count, place)
        LEFT JOIN conversations c ON c.id = i.conversation_id
        LEFT JOIN envelopes first ON first.conversation_id = i.conversation_id AND first.envelope_id = i.envelope_id
    ), numbered AS MATERIALIZED (
        SELECT j.*, j.head_seq + count(*) FILTER (WHERE j.verdict = 0) OVER (PARTITION BY j.conversation_id ORDER BY j.place) AS new_seq
        FROM judged j
    ), stored AS (
        INSERT INTO envelopes (conversation_id, seq, envelope_id, kind, commit_seq, ciphertext, created_at)
        SELECT n.conversation_id, n.new_seq, n.envelope_id, 0, n.commit_seq,
            substring(ciphertexts FROM n.byte_start FOR n.byte_count), stored_at
        FROM numbered n WHERE n.verdict = 0
    ), moved AS (
        UPDATE conversations c SET head_seq = h.head_seq, head_at = stored_at
        FROM (
            SELECT n.conversation_id, max(n.new_seq) AS head_seq FROM numbered n
            WHERE n.verdict = 0 GROUP BY n.conversation_id
        ) h
        WHERE c.id = h.conversation_id
    )
    SELECT
        n.verdict,
        CASE WHEN n.verdict <= 1 THEN coalesce(n.first_seq, n.new_seq) WHEN n.verdict = 3 THEN n.last_commit_seq ELSE 0 END,
        CASE WHEN n.verdict <= 1 THEN (extract(epoch FROM coalesce(n.first_at, stored_at)) * 1000)::bigint ELSE 0 END,
        coalesce(n.roster_version, 0)
    FROM numbered n ORDER BY n.place;
END
$$;

-- Note [As it is known]: what a batch costs is the start of its plans, so the usual one, in which every message is new,
-- right and from a member, is stored by two short ones: 90 µs less for a single message than `append_envelopes`, and two
-- thirds for many. The caller has checked the senders against the member lists that it has in memory; that they are
-- still these, and the commits still open, is the condition of the first statement, under the lock that it takes; that
-- no envelope is there already is the promise of the unique index. Where anything is otherwise, nothing of the call
-- happens and the answer is null: the block takes it back, so that not even Postgres' own log hears of a resend.
-- A single message, which is most batches while there is little to do, needs neither a join nor an aggregate.
CREATE FUNCTION append_known(
    -- Each once, in the order of the ids, so that two batches never wait for each other in a circle.
    conversation_ids UUID[],
    -- Of each: the member list that its senders were checked against, what its messages build on, how many there are.
    roster_versions BIGINT[],
    commit_seqs BIGINT[],
    counts INTEGER[],
    -- Of each message: which of those conversations, and which of its messages in this batch; from 1, both.
    conversation_places INTEGER[],
    offsets INTEGER[],
    envelope_ids UUID[],
    -- As above.
    byte_starts INTEGER[],
    byte_counts INTEGER[],
    ciphertexts BYTEA
)
-- By conversation: its head before the batch; then, in the same order, the time of its messages in milliseconds.
RETURNS BIGINT[]
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    new_seq BIGINT;
    stored_at TIMESTAMPTZ(3);
    heads BIGINT[];
    times TIMESTAMPTZ(3)[];
    times_ms BIGINT[];
BEGIN
    IF cardinality(envelope_ids) = 1 THEN
        UPDATE conversations c SET head_seq = c.head_seq + 1, head_at = clock_timestamp()
        WHERE c.id = conversation_ids[1] AND c.roster_version = roster_versions[1]
            AND c.generation = (SELECT s.generation FROM store_state s WHERE s.id = 1)
            AND commit_seqs[1] >= c.min_commit_seq AND commit_seqs[1] = ANY (c.open_commit_seqs)
        RETURNING c.head_seq, c.head_at INTO new_seq, stored_at;
        IF new_seq IS NULL THEN
            RETURN NULL;
        END IF;
        INSERT INTO envelopes (conversation_id, seq, envelope_id, kind, commit_seq, ciphertext, created_at)
        VALUES (conversation_ids[1], new_seq, envelope_ids[1], 0, commit_seqs[1], ciphertexts, stored_at);
        RETURN ARRAY[new_seq - 1, (extract(epoch FROM stored_at) * 1000)::bigint];
    END IF;

    WITH moved AS (
        UPDATE conversations c SET head_seq = c.head_seq + i.count, head_at = clock_timestamp()
        FROM unnest(conversation_ids, roster_versions, commit_seqs, counts)
            WITH ORDINALITY AS i (id, roster_version, commit_seq, count, place)
        WHERE c.id = i.id AND c.roster_version = i.roster_version
            AND c.generation = (SELECT s.generation FROM store_state s WHERE s.id = 1)
            AND i.commit_seq >= c.min_commit_seq AND i.commit_seq = ANY (c.open_commit_seqs)
        RETURNING i.place, c.head_seq - i.count AS head, c.head_at
    )
    SELECT array_agg(m.head ORDER BY m.place), array_agg(m.head_at ORDER BY m.place),
        array_agg((extract(epoch FROM m.head_at) * 1000)::bigint ORDER BY m.place)
    INTO heads, times, times_ms FROM moved m;
    IF cardinality(heads) IS DISTINCT FROM cardinality(conversation_ids) THEN
        RAISE no_data_found;
    END IF;
    INSERT INTO envelopes (conversation_id, seq, envelope_id, kind, commit_seq, ciphertext, created_at)
    SELECT conversation_ids[i.place], heads[i.place] + i.nth, i.envelope_id, 0, commit_seqs[i.place],
        substring(ciphertexts FROM i.byte_start FOR i.byte_count), times[i.place]
    FROM unnest(conversation_places, offsets, envelope_ids, byte_starts, byte_counts)
        AS i (place, nth, envelope_id, byte_start, byte_count);
    RETURN heads || times_ms;
EXCEPTION
    WHEN unique_violation OR no_data_found THEN
        RETURN NULL;
END
$$;

-- The users to whom live frames go: those with a device that is a member and not departing.
CREATE FUNCTION current_roster(conversation UUID) RETURNS UUID[]
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(array_agg(DISTINCT m.user_id), '{}') FROM members m
    WHERE m.conversation_id = conversation AND m.left_seq IS NULL AND m.departing_at IS NULL
$$;

-- Moves cursors forward, never back and never past what the device may read. Returns those that moved. Rows are taken
-- in one order, so that two calls never wait for each other in a circle.
CREATE FUNCTION advance_cursors(conversation_ids UUID[], user_ids UUID[], device_ids UUID[], seqs BIGINT[])
RETURNS TABLE (conversation_id UUID, device_id UUID, seq BIGINT, roster_version BIGINT)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH allowed AS MATERIALIZED (
        SELECT i.conversation_id, i.device_id, least(i.seq, c.head_seq, stay.last_seq) AS seq
        FROM unnest(conversation_ids, user_ids, device_ids, seqs) AS i (conversation_id, user_id, device_id, seq)
        JOIN conversations c ON c.id = i.conversation_id
        CROSS JOIN LATERAL (
            SELECT max(coalesce(m.left_seq, 9223372036854775807)) AS last_seq,
                bool_or(m.left_seq IS NULL AND m.departing_at IS NOT NULL) AS departs
            FROM members m
            WHERE m.conversation_id = i.conversation_id AND m.device_id = i.device_id AND m.user_id = i.user_id
        ) stay
        WHERE stay.last_seq IS NOT NULL AND NOT stay.departs
    ), moved AS (
        INSERT INTO cursors AS k (conversation_id, device_id, seq)
        SELECT a.conversation_id, a.device_id, a.seq FROM allowed a ORDER BY a.conversation_id, a.device_id
        ON CONFLICT (conversation_id, device_id) DO UPDATE SET seq = excluded.seq WHERE k.seq < excluded.seq
        RETURNING k.conversation_id, k.device_id, k.seq
    )
    SELECT v.conversation_id, v.device_id, v.seq, (SELECT c.roster_version FROM conversations c WHERE c.id = v.conversation_id)
    FROM moved v;
END
$$;
