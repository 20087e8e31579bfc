CREATE TABLE "recovery_records" (
    "user_id" UUID NOT NULL,
    "version" BIGINT NOT NULL,
    "lookup_hash" BYTEA NOT NULL,
    "record" BYTEA NOT NULL,

    CONSTRAINT "recovery_records_pkey" PRIMARY KEY ("user_id")
);

ALTER TABLE "recovery_records" ADD CONSTRAINT "recovery_records_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "manifests"("user_id") ON DELETE CASCADE ON UPDATE CASCADE;

COMMENT ON TABLE "recovery_records" IS 'The account key of an account, encrypted under a recovery key that only its owner has: the way back for who has no device left.';
COMMENT ON COLUMN "recovery_records"."user_id" IS 'Whose it is.';
COMMENT ON COLUMN "recovery_records"."version" IS 'Counts the account''s recovery keys: only a newer record replaces the stored one.';
COMMENT ON COLUMN "recovery_records"."lookup_hash" IS 'SHA-256 of a secret made of the recovery key: who shows the secret is given the record, and nobody else.';
COMMENT ON COLUMN "recovery_records"."record" IS 'The encrypted account key as its owner signed it. Useless without the 256-bit recovery key.';
