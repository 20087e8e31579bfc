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
