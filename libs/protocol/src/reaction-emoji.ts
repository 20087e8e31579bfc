/** What a reaction may be: one emoji, so that nobody reacts with a text, with nothing, or with what a screen cannot hold. */

/** UTF-8: a family of four with skin tones has 41, the flag of Scotland 28. */
export const maxReactionEmojiBytes = 64;

/**
 * UTS #51's `possible_emoji`: a flag, a keycap, or pictographs joined into one. Its property is reserved for emoji that
 * are not made yet, so that builds with different tables of Unicode agree.
 */
const emoji =
  /^(?:\p{RI}{2}|[#*0-9]\uFE0F?\u20E3|\p{ExtPict}(?:\uFE0F|\p{EMod})?[\u{E0020}-\u{E007F}]*(?:\u200D\p{ExtPict}(?:\uFE0F|\p{EMod})?)*)$/u;
const utf8 = new TextEncoder();

/** Whether it may be a reaction. */
export function isReactionEmoji(text: string): boolean {
  return emoji.test(text) && utf8.encode(text).length <= maxReactionEmojiBytes;
}
