CREATE TABLE "blocks" (
    "user_id" UUID NOT NULL,
    "blocked_user_id" UUID NOT NULL,

    CONSTRAINT "blocks_pkey" PRIMARY KEY ("user_id","blocked_user_id")
);

-- Of an account that goes, its blocks go, and those of others that name it.
CREATE INDEX "blocks_blocked_user_id_idx" ON "blocks"("blocked_user_id");

ALTER TABLE "blocks" ADD CONSTRAINT "blocks_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "manifests"("user_id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "blocks" ADD CONSTRAINT "blocks_blocked_user_id_fkey" FOREIGN KEY ("blocked_user_id") REFERENCES "manifests"("user_id") ON DELETE CASCADE ON UPDATE CASCADE;

COMMENT ON TABLE "blocks" IS 'Who wants no new conversations from whom. Only this must be known here: whom somebody accepts or declines is not.';
COMMENT ON COLUMN "blocks"."user_id" IS 'Who blocks: their key packages are withheld.';
COMMENT ON COLUMN "blocks"."blocked_user_id" IS 'Who is blocked: a claim of theirs is refused, so that they can begin no conversation and add to none.';
