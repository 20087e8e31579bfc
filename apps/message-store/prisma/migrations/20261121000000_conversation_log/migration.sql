-- The conversation log: see ../../schema.prisma for the same tables as types, and src/append for how it is written.
-- No foreign keys on the tables of the hot path: their rows are written only by a transaction that holds the lock on
-- the conversation's row, and a check per envelope costs as much as the insert. All lead with conversation_id, so
-- that they can be partitioned or distributed on it.

CREATE TABLE "conversations" (
    "id" UUID NOT NULL,
    "kind" SMALLINT NOT NULL,
    "direct_key" TEXT,
    "head_seq" BIGINT NOT NULL,
    "last_commit_seq" BIGINT NOT NULL,
    "min_commit_seq" BIGINT NOT NULL,
    "open_commit_seqs" BIGINT[],
    "floor_seq" BIGINT NOT NULL DEFAULT 0,
    "roster_version" BIGINT NOT NULL,
    "generation" INTEGER NOT NULL,
    "head_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    -- No CHECK that floor_seq <= head_seq and min_commit_seq <= last_commit_seq <= head_seq: Postgres reads one anew from
    -- text in every statement that updates the row, which was a sixth of an append. The model tests of the log hold it.
    CONSTRAINT "conversations_pkey" PRIMARY KEY ("id")
-- Each append updates the row: with room in the page, and no index on what changes, the new version stays in place (HOT).
) WITH (fillfactor = 50);

CREATE TABLE "envelopes" (
    "conversation_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "envelope_id" UUID NOT NULL,
    "kind" SMALLINT NOT NULL,
    "commit_seq" BIGINT NOT NULL,
    "ciphertext" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "envelopes_pkey" PRIMARY KEY ("conversation_id","seq")
-- Retention clears by writing a new version of the row, without the ciphertext, of about 90 bytes. A tenth of each page
-- is kept free for them, so that they stay in their page (HOT) and the two indexes are left alone.
) WITH (
    fillfactor = 90,
    -- Every envelope leaves a dead version or two: the default waits until they are a fifth of the table.
    autovacuum_vacuum_scale_factor = 0.05,
    toast.autovacuum_vacuum_scale_factor = 0.05,
    -- Giving pages back to the system takes a lock that appends wait for; appends fill them again anyway.
    vacuum_truncate = off
);
-- Ciphertext does not compress: do not let Postgres try.
ALTER TABLE "envelopes" ALTER COLUMN "ciphertext" SET STORAGE EXTERNAL;

CREATE TABLE "commits" (
    "conversation_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "user_ids" UUID[],
    "device_ids" UUID[],
    "welcome" BYTEA,

    CONSTRAINT "commits_pkey" PRIMARY KEY ("conversation_id","seq"),
    CONSTRAINT "commits_devices_check" CHECK (cardinality("user_ids") = cardinality("device_ids"))
);
ALTER TABLE "commits" ALTER COLUMN "welcome" SET STORAGE EXTERNAL;

CREATE TABLE "group_infos" (
    "conversation_id" UUID NOT NULL,
    "commit_seq" BIGINT NOT NULL,
    "group_info" BYTEA NOT NULL,

    CONSTRAINT "group_infos_pkey" PRIMARY KEY ("conversation_id")
);
ALTER TABLE "group_infos" ALTER COLUMN "group_info" SET STORAGE EXTERNAL;

CREATE TABLE "members" (
    "conversation_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "joined_seq" BIGINT NOT NULL,
    "user_id" UUID NOT NULL,
    "left_seq" BIGINT,
    "departing_at" TIMESTAMPTZ(3),
    "appeals" SMALLINT NOT NULL DEFAULT 0,

    CONSTRAINT "members_pkey" PRIMARY KEY ("conversation_id","device_id","joined_seq"),
    CONSTRAINT "members_stay_check" CHECK ("left_seq" > "joined_seq")
);

CREATE TABLE "cursors" (
    "conversation_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "cursors_pkey" PRIMARY KEY ("conversation_id","device_id")
) WITH (fillfactor = 50);

CREATE TABLE "read_marks" (
    "conversation_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "ciphertext" BYTEA NOT NULL,

    CONSTRAINT "read_marks_pkey" PRIMARY KEY ("conversation_id","device_id")
) WITH (fillfactor = 50);

CREATE TABLE "revoked_devices" (
    "device_id" UUID NOT NULL,
    "revoked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "revoked_devices_pkey" PRIMARY KEY ("device_id")
);

CREATE TABLE "store_state" (
    "id" SMALLINT NOT NULL,
    "generation" INTEGER NOT NULL,
    "revocation_order" BIGINT NOT NULL,

    CONSTRAINT "store_state_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "store_state_single_check" CHECK ("id" = 1)
);
INSERT INTO "store_state" ("id", "generation", "revocation_order") VALUES (1, 1, 0);

CREATE UNIQUE INDEX "conversations_direct_key_key" ON "conversations"("direct_key");
CREATE UNIQUE INDEX "envelopes_conversation_id_envelope_id_key" ON "envelopes"("conversation_id", "envelope_id");
CREATE INDEX "members_device_id_idx" ON "members"("device_id");
CREATE INDEX "members_user_id_conversation_id_idx" ON "members"("user_id", "conversation_id");

COMMENT ON TABLE "conversations" IS 'A conversation and the place where its log ends. Its row lock orders everything that is appended.';
COMMENT ON COLUMN "conversations"."id" IS 'Random, chosen by the creator; names the log in every request.';
COMMENT ON COLUMN "conversations"."kind" IS '1 = direct, 2 = group: a direct conversation has two users for ever, and only one exists for them.';
COMMENT ON COLUMN "conversations"."direct_key" IS 'The two users of a direct conversation, in order: two simultaneous creations must meet in one.';
COMMENT ON COLUMN "conversations"."head_seq" IS 'The last place given out: the next envelope gets the one after it, so that there are no gaps.';
COMMENT ON COLUMN "conversations"."last_commit_seq" IS 'The place of the last commit: a commit is compared with it and set in its place.';
COMMENT ON COLUMN "conversations"."min_commit_seq" IS 'Messages that build on an earlier commit are refused: a newcomer could not read them, a removed member could.';
COMMENT ON COLUMN "conversations"."open_commit_seqs" IS 'The commits that messages may build on: the last few since the members changed.';
COMMENT ON COLUMN "conversations"."floor_seq" IS 'Envelopes at or below this place were deleted by retention.';
COMMENT ON COLUMN "conversations"."roster_version" IS 'Names the member list: another random number with each change, so that replicas may keep it in memory and know when it is old, also after a restore.';
COMMENT ON COLUMN "conversations"."generation" IS 'The restore after which a member last anchored the group: in an older one it is closed to appends.';
COMMENT ON COLUMN "conversations"."head_at" IS 'When the last envelope came: orders the list of conversations, and finds what a crash may have left unannounced.';
COMMENT ON COLUMN "conversations"."created_at" IS 'When it was created: retention of abandoned conversations.';

COMMENT ON TABLE "envelopes" IS 'The log: one row for each envelope, whatever the number of members. Who sent it is not stored.';
COMMENT ON COLUMN "envelopes"."conversation_id" IS 'The log it belongs to.';
COMMENT ON COLUMN "envelopes"."seq" IS 'Its place in the log.';
COMMENT ON COLUMN "envelopes"."envelope_id" IS 'Random, chosen by the sender: tells a resend from a new envelope.';
COMMENT ON COLUMN "envelopes"."kind" IS '0 = message, 1 = commit, 2 = external commit, 3 = anchor after a restore, 5 = a device asks to be added anew: all but a message are fetched together with a device list.';
COMMENT ON COLUMN "envelopes"."commit_seq" IS 'The commit that the sender had processed: decides whether it came too late.';
COMMENT ON COLUMN "envelopes"."ciphertext" IS 'The encrypted content, padded by the sender; cleared once every device has it.';
COMMENT ON COLUMN "envelopes"."created_at" IS 'When it was stored: shown as the time of sending, and the age for retention.';

COMMENT ON TABLE "commits" IS 'What became true with a commit: routing needs the devices, joiners need the Welcome. Of a request to be added anew: which device asks.';
COMMENT ON COLUMN "commits"."conversation_id" IS 'The log that the commit stands in.';
COMMENT ON COLUMN "commits"."seq" IS 'The place of the commit in the log.';
COMMENT ON COLUMN "commits"."user_ids" IS 'The users of the devices, one for each: live delivery goes to users.';
COMMENT ON COLUMN "commits"."device_ids" IS 'The devices after the commit: who may read and append from here on. Members compare it with the commit''s content.';
COMMENT ON COLUMN "commits"."welcome" IS 'MLS Welcome for those whom the commit added, encrypted to them; stored once, with the commit that it belongs to.';

COMMENT ON TABLE "group_infos" IS 'The latest GroupInfo of a group, for a device that joins by an external commit.';
COMMENT ON COLUMN "group_infos"."conversation_id" IS 'The group.';
COMMENT ON COLUMN "group_infos"."commit_seq" IS 'The commit after which the GroupInfo holds: an external commit must build on it.';
COMMENT ON COLUMN "group_infos"."group_info" IS 'MLS GroupInfo: public keys and tree of the group, signed by the committer.';

COMMENT ON TABLE "members" IS 'A device''s stay in a conversation. A device that was removed and added again has two.';
COMMENT ON COLUMN "members"."conversation_id" IS 'The conversation.';
COMMENT ON COLUMN "members"."device_id" IS 'The device: cursors and membership are per device.';
COMMENT ON COLUMN "members"."joined_seq" IS 'The commit that added it: it may read from this place on.';
COMMENT ON COLUMN "members"."user_id" IS 'The device''s user: live delivery goes to users, and only a device of a member user may join by itself.';
COMMENT ON COLUMN "members"."left_seq" IS 'The commit that removed it, which it may still read; null while it is a member.';
COMMENT ON COLUMN "members"."departing_at" IS 'Revoked, or its user left: refused from this time on, until a member''s commit removes it.';
COMMENT ON COLUMN "members"."appeals" IS 'How often the device said that a void commit had left it out: it may do so a few times only.';

COMMENT ON TABLE "cursors" IS 'How far a device has durably stored a conversation. Narrow and alone, since it changes most often.';
COMMENT ON COLUMN "cursors"."conversation_id" IS 'The conversation.';
COMMENT ON COLUMN "cursors"."device_id" IS 'The device.';
COMMENT ON COLUMN "cursors"."seq" IS 'Everything up to this place is on the device: resume starts after it, and delivered ciphertext can be cleared.';

COMMENT ON TABLE "read_marks" IS 'The latest read mark of a device, end-to-end encrypted: kept for members that are offline.';
COMMENT ON COLUMN "read_marks"."conversation_id" IS 'The conversation.';
COMMENT ON COLUMN "read_marks"."device_id" IS 'The device that made it: readers take the maximum over a user''s devices.';
COMMENT ON COLUMN "read_marks"."ciphertext" IS 'Which place was read, encrypted for the members.';

COMMENT ON TABLE "revoked_devices" IS 'Devices that auth removed for good: one that is added to a group afterwards departs at once.';
COMMENT ON COLUMN "revoked_devices"."device_id" IS 'The device.';
COMMENT ON COLUMN "revoked_devices"."revoked_at" IS 'When auth removed it.';

COMMENT ON TABLE "store_state" IS 'One row: what this service has to remember about itself.';
COMMENT ON COLUMN "store_state"."id" IS 'Always 1.';
COMMENT ON COLUMN "store_state"."generation" IS 'Names the last restore from backup, growing; a position is (generation, seq).';
COMMENT ON COLUMN "store_state"."revocation_order" IS 'How far auth''s list of revocations was applied, so that none is missed while the store is down.';
