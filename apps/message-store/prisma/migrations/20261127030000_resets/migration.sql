-- Reset by an administrator: see docs/decisions/0009-let-an-administrator-close-what-is-broken.md.
--
-- A reset conversation stands in the generation with its sign turned: appends find it closed by the comparison that they
-- make anyway, and the anchor that opens it knows whether a restore came in between.

ALTER TABLE "conversations" ADD COLUMN "reset_seq" BIGINT;

COMMENT ON COLUMN "conversations"."reset_seq" IS 'The last reset by an administrator, if there was one: since then members may anchor the group.';
COMMENT ON COLUMN "conversations"."generation" IS 'The restore after which a member last anchored the group: in an older one it is closed to appends. Below zero: an administrator has reset it in that one, and it is closed until it is anchored.';
COMMENT ON COLUMN "envelopes"."kind" IS '0 = message, 1 = commit, 2 = external commit, 3 = anchor after a restore or a reset, 5 = a device asks to be added anew, 6 = reset by an administrator: all but a message and a reset are fetched together with a device list.';
