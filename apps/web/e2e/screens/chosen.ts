/** The pictures that the README shows: kept small beside the others, and in docs/screenshots when `--keep` says so. */
export const chosen: readonly string[] = [
  'chat-light',
  'chat-dark',
  'chat-phone-light',
  'chat-phone-dark',
  'person-phone-light',
  'person-phone-dark',
  'chat-arabic-phone-light',
  'chat-arabic-phone-dark',
];

/** They come along with every clone, again with each change. */
export const maxChosenBytes = 150_000;
