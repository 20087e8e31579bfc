CREATE TABLE "accounts" (
    "user_id" UUID NOT NULL,
    "account_key" BYTEA,
    "role" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "invite_hash" BYTEA,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("user_id"),
    CONSTRAINT "accounts_role" CHECK ("role" IN ('member', 'admin')),
    CONSTRAINT "accounts_state" CHECK ("state" IN ('pending', 'active', 'disabled', 'deleting', 'deleted')),
    CONSTRAINT "accounts_account_key" CHECK (("account_key" IS NULL) = ("state" IN ('deleting', 'deleted'))),
    CONSTRAINT "accounts_invite_hash" CHECK ("invite_hash" IS NULL OR "state" = 'pending')
);

CREATE INDEX "accounts_state_created_at_idx" ON "accounts"("state", "created_at");

COMMENT ON TABLE "accounts" IS 'Accounts. No name, no address, no password: a random id, a public key, and what the account may do.';
COMMENT ON COLUMN "accounts"."user_id" IS 'Random, chosen by the client. Names the account in tokens and to the other services.';
COMMENT ON COLUMN "accounts"."account_key" IS 'The account''s public key: only a manifest signed by it may add a device. Empty once the account was deleted.';
COMMENT ON COLUMN "accounts"."role" IS 'member or admin: decides who may make invites and disable accounts.';
COMMENT ON COLUMN "accounts"."state" IS 'pending (registration under way), active, disabled (by an administrator), deleting, deleted.';
COMMENT ON COLUMN "accounts"."created_at" IS 'When registration began: one that was never finished is removed after an hour.';
COMMENT ON COLUMN "accounts"."invite_hash" IS 'The invite whose use a pending registration holds, to give it back if it fails. Empty afterwards: who was invited by which code is not kept.';

CREATE TABLE "devices" (
    "device_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "leaf_key" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_day" DATE,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "devices_pkey" PRIMARY KEY ("device_id"),
    CONSTRAINT "devices_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "accounts"("user_id"),
    CONSTRAINT "devices_leaf_key" CHECK ("leaf_key" IS NOT NULL OR "revoked_at" IS NOT NULL)
);

CREATE INDEX "devices_user_id_idx" ON "devices"("user_id");

COMMENT ON TABLE "devices" IS 'Devices of accounts. A removed one stays as an id, so that it can never come back.';
COMMENT ON COLUMN "devices"."device_id" IS 'Random, chosen by the client. Names the device in tokens, revocations and conversations.';
COMMENT ON COLUMN "devices"."user_id" IS 'Whose it is.';
COMMENT ON COLUMN "devices"."leaf_key" IS 'Its public key: it signs in by signing a challenge, there is no password. Empty once the account was deleted.';
COMMENT ON COLUMN "devices"."created_at" IS 'Shown to the owner in the list of devices.';
COMMENT ON COLUMN "devices"."last_seen_day" IS 'The day, no finer, of its last session: the owner finds forgotten devices by it.';
COMMENT ON COLUMN "devices"."revoked_at" IS 'When it was removed. From then on it may do nothing.';

CREATE TABLE "sessions" (
    "session_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "refresh_hash" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("session_id"),
    CONSTRAINT "sessions_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "devices"("device_id")
);

CREATE INDEX "sessions_device_id_idx" ON "sessions"("device_id");
CREATE INDEX "sessions_expires_at_idx" ON "sessions"("expires_at");
-- One living session per device: signing in again ends the one before.
CREATE UNIQUE INDEX "sessions_living_key" ON "sessions"("device_id") WHERE "ended_at" IS NULL;

COMMENT ON TABLE "sessions" IS 'Sessions: one living session per device, and those that ended within the lifetime of an access token.';
COMMENT ON COLUMN "sessions"."session_id" IS 'Random. Named in access tokens, so that one session can be ended.';
COMMENT ON COLUMN "sessions"."device_id" IS 'Whose session it is.';
COMMENT ON COLUMN "sessions"."refresh_hash" IS 'SHA-256 of the one refresh token that is valid. A device that presents another one shows that it was copied.';
COMMENT ON COLUMN "sessions"."expires_at" IS 'When it ends unless it is renewed.';
COMMENT ON COLUMN "sessions"."ended_at" IS 'When it ended before that. Kept for an hour, so that its last access token can be refused.';

CREATE TABLE "revocations" (
    "revocation_order" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "session_id" UUID,
    "revoked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "revocations_pkey" PRIMARY KEY ("revocation_order"),
    CONSTRAINT "revocations_kind" CHECK ("kind" IN ('device', 'session')),
    CONSTRAINT "revocations_session_id" CHECK (("kind" = 'session') = ("session_id" IS NOT NULL))
);

CREATE INDEX "revocations_revoked_at_idx" ON "revocations"("revoked_at");

COMMENT ON TABLE "revocations" IS 'Devices and sessions that may no longer do anything, in an order that all other services follow.';
COMMENT ON COLUMN "revocations"."revocation_order" IS 'The place in the list. Given under a lock, so that a reader who has seen a place has seen all before it.';
COMMENT ON COLUMN "revocations"."kind" IS 'device or session.';
COMMENT ON COLUMN "revocations"."user_id" IS 'Whose it was: gateways close that user''s sockets.';
COMMENT ON COLUMN "revocations"."device_id" IS 'Which device: conversations remove it.';
COMMENT ON COLUMN "revocations"."session_id" IS 'Which session, where only that one ended. Such rows are removed after a day.';
COMMENT ON COLUMN "revocations"."revoked_at" IS 'When: access tokens from before it have expired some minutes later.';

CREATE TABLE "invites" (
    "invite_hash" BYTEA NOT NULL,
    "uses_left" INTEGER NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "invites_pkey" PRIMARY KEY ("invite_hash"),
    CONSTRAINT "invites_uses_left" CHECK ("uses_left" >= 0)
);

COMMENT ON TABLE "invites" IS 'Invite codes for registration.';
COMMENT ON COLUMN "invites"."invite_hash" IS 'SHA-256 of the code: whoever reads this table cannot register with it.';
COMMENT ON COLUMN "invites"."uses_left" IS 'How often it may still be used.';
COMMENT ON COLUMN "invites"."expires_at" IS 'Until when.';
