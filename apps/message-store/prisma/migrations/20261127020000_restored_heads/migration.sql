-- Restore from backup: see docs/decisions/0007-let-members-anchor-a-restored-log.md.

CREATE TABLE "restored_heads" (
    "conversation_id" UUID NOT NULL,
    "generation" INTEGER NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "restored_heads_pkey" PRIMARY KEY ("conversation_id","generation")
);

COMMENT ON TABLE "restored_heads" IS 'Where the log of a conversation stood when a restore ended: what a device had past it, the server lost.';
COMMENT ON COLUMN "restored_heads"."conversation_id" IS 'The conversation.';
COMMENT ON COLUMN "restored_heads"."generation" IS 'The restore.';
COMMENT ON COLUMN "restored_heads"."seq" IS 'The last place that the restore brought back: a device that knew more takes its cursor back to it.';
COMMENT ON COLUMN "envelopes"."kind" IS '0 = message, 1 = commit, 2 = external commit, 3 = anchor after a restore, 5 = a device asks to be added anew: all but a message are fetched together with a device list.';
COMMENT ON COLUMN "store_state"."generation" IS 'Names the last restore from backup, growing; a position is (generation, seq).';
