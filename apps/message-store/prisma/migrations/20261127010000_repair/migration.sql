-- Members compare their group states after a void commit (docs/decisions/0008).

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
