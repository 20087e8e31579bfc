-- Void commits are undone, and members compare their group states (docs/decisions/0008).

ALTER TABLE "members" ADD COLUMN "appeals" SMALLINT NOT NULL DEFAULT 0;
COMMENT ON COLUMN members.appeals IS 'How often the device said that a void commit had left it out: it may do so a few times only.';

CREATE TABLE "epoch_statements" (
    "conversation_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "statement" BYTEA NOT NULL,

    CONSTRAINT "epoch_statements_pkey" PRIMARY KEY ("conversation_id","device_id")
);
COMMENT ON TABLE epoch_statements IS 'What a device last said of its group state when members compared theirs: the latest of each, written only then.';
COMMENT ON COLUMN epoch_statements.conversation_id IS 'The conversation.';
COMMENT ON COLUMN epoch_statements.device_id IS 'The device that says it: the others are told whose word it is.';
COMMENT ON COLUMN epoch_statements.statement IS 'Places of the last commits that it merged, each with a hash of its epoch authenticator: members see whose state differs.';

COMMENT ON COLUMN envelopes.kind IS '0 = message, 1 = commit, 2 = external commit, 5 = a device asks to be added anew: all but a message are fetched together with a device list.';
COMMENT ON TABLE commits IS 'What became true with a commit: routing needs the devices, joiners need the Welcome. Of a request to be added anew: which device asks.';
