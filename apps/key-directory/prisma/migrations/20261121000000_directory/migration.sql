-- Public keys and names: see ../../schema.prisma for the same tables as types.

CREATE TABLE "usernames" (
    "username" TEXT NOT NULL,
    "user_id" UUID,

    CONSTRAINT "usernames_pkey" PRIMARY KEY ("username"),
    CONSTRAINT "usernames_username_check" CHECK ("username" ~ '^[a-z][a-z0-9._-]{2,31}$')
);

CREATE TABLE "manifests" (
    "user_id" UUID NOT NULL,
    "account_key" BYTEA NOT NULL,
    "version" BIGINT NOT NULL,
    "manifest" BYTEA NOT NULL,

    CONSTRAINT "manifests_pkey" PRIMARY KEY ("user_id"),
    CONSTRAINT "manifests_account_key_check" CHECK (length("account_key") = 32)
);

CREATE TABLE "devices" (
    "device_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "devices_pkey" PRIMARY KEY ("device_id")
);

CREATE TABLE "key_packages" (
    "id" BIGSERIAL NOT NULL,
    "device_id" UUID NOT NULL,
    "suite" INTEGER NOT NULL,
    "last_resort" BOOLEAN NOT NULL,
    "digest" BYTEA NOT NULL,
    "key_package" BYTEA,
    "not_after" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "key_packages_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "key_packages_digest_check" CHECK (length("digest") = 32)
);

CREATE TABLE "directory_state" (
    "id" SMALLINT NOT NULL,
    "revocation_order" BIGINT NOT NULL,

    CONSTRAINT "directory_state_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "directory_state_single_check" CHECK ("id" = 1)
);
INSERT INTO "directory_state" ("id", "revocation_order") VALUES (1, 0);

CREATE UNIQUE INDEX "usernames_user_id_key" ON "usernames"("user_id");
CREATE INDEX "devices_user_id_idx" ON "devices"("user_id");
CREATE UNIQUE INDEX "key_packages_device_id_digest_key" ON "key_packages"("device_id", "digest");
CREATE INDEX "key_packages_device_id_suite_last_resort_id_idx" ON "key_packages"("device_id", "suite", "last_resort", "id");
CREATE INDEX "key_packages_not_after_idx" ON "key_packages"("not_after");

ALTER TABLE "key_packages" ADD CONSTRAINT "key_packages_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "devices"("device_id") ON DELETE CASCADE ON UPDATE CASCADE;

COMMENT ON TABLE "usernames" IS 'Names by which people find each other. A name is given once and never again.';
COMMENT ON COLUMN "usernames"."username" IS 'Chosen at registration; people are found by it.';
COMMENT ON COLUMN "usernames"."user_id" IS 'Whose it is. Empty once the account was deleted: the name stays reserved, so that nobody can pose as its former owner.';
COMMENT ON TABLE "manifests" IS 'The newest device manifest of each account: which devices are the account''s, signed by the account itself.';
COMMENT ON COLUMN "manifests"."user_id" IS 'Whose it is.';
COMMENT ON COLUMN "manifests"."account_key" IS 'The account''s public key: a manifest signed by another one is refused.';
COMMENT ON COLUMN "manifests"."version" IS 'Counts the account''s manifests: only a greater one replaces the stored one.';
COMMENT ON COLUMN "manifests"."manifest" IS 'The signed bytes as the account made them, for others to verify. Names of devices in it are encrypted.';
COMMENT ON TABLE "devices" IS 'The devices of the newest manifests, one row each, so that key packages are kept and handed out for these only.';
COMMENT ON COLUMN "devices"."device_id" IS 'Names the device in claims and uploads.';
COMMENT ON COLUMN "devices"."user_id" IS 'Whose device it is: a claim asks for all devices of a user.';
COMMENT ON COLUMN "devices"."expires_at" IS 'From its manifest: an expired device gets no new conversations.';
COMMENT ON COLUMN "devices"."revoked" IS 'Removed by its owner, though a manifest without it is not here yet: it gets no new conversations.';
COMMENT ON TABLE "key_packages" IS 'MLS key packages (RFC 9420 §10): public keys with which others add a device to a conversation while it is offline.';
COMMENT ON COLUMN "key_packages"."id" IS 'The order of uploading: the oldest is handed out first.';
COMMENT ON COLUMN "key_packages"."device_id" IS 'Whose it is.';
COMMENT ON COLUMN "key_packages"."suite" IS 'MLS cipher suite: a claim asks for one that fits the conversation.';
COMMENT ON COLUMN "key_packages"."last_resort" IS 'A last-resort package is handed out again and again when no other is left.';
COMMENT ON COLUMN "key_packages"."digest" IS 'SHA-256 of the package: an upload that is sent twice must not make it be handed out twice.';
COMMENT ON COLUMN "key_packages"."key_package" IS 'The package, public. Empty once it was handed out.';
COMMENT ON COLUMN "key_packages"."not_after" IS 'From when on it must not be handed out.';
COMMENT ON TABLE "directory_state" IS 'What this service has already followed elsewhere: one row.';
COMMENT ON COLUMN "directory_state"."id" IS 'Always 1.';
COMMENT ON COLUMN "directory_state"."revocation_order" IS 'The last revocation of auth''s list that was carried out here, to go on after it.';
