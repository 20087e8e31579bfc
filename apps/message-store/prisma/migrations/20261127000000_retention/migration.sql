-- Retention: see src/retention. Its progress stands in tables of its own, so that the rows that every append locks
-- are touched only when the floor moves, at most once for a page of old envelopes.

CREATE TABLE "retention_progress" (
    "conversation_id" UUID NOT NULL,
    "cleared_seq" BIGINT NOT NULL,
    "spared_seq" BIGINT,

    CONSTRAINT "retention_progress_pkey" PRIMARY KEY ("conversation_id")
) WITH (fillfactor = 80);

CREATE TABLE "retention_round" (
    "id" SMALLINT NOT NULL,
    "after_conversation_id" UUID,
    "round_ended_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "retention_round_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "retention_round_single_check" CHECK ("id" = 1)
);
INSERT INTO "retention_round" ("id", "round_ended_at") VALUES (1, to_timestamp(0));

COMMENT ON TABLE "retention_progress" IS 'How far the envelopes of a conversation were cleared, so that each is looked at once.';
COMMENT ON COLUMN "retention_progress"."conversation_id" IS 'The conversation.';
COMMENT ON COLUMN "retention_progress"."cleared_seq" IS 'The ciphertext of everything up to this place is gone, but for the last commit: what is deleted is not looked for again.';
COMMENT ON COLUMN "retention_progress"."spared_seq" IS 'The commit below that place whose ciphertext was kept because it was the last: it goes when there is a newer one.';
COMMENT ON TABLE "retention_round" IS 'One row: where the sweep through all conversations stands; the replicas carry it on together.';
COMMENT ON COLUMN "retention_round"."id" IS 'Always 1.';
COMMENT ON COLUMN "retention_round"."after_conversation_id" IS 'The sweep goes on after this conversation; null at the begin of a round.';
COMMENT ON COLUMN "retention_round"."round_ended_at" IS 'When the last round ended: the next begins a while later.';
