/**
 * What other people wrote, on its way to the screen. It is only ever text of an element, never HTML; what is left to do
 * is that it cannot pose as something else or paint over its surroundings.
 */

/** Embeddings and overrides (UAX #9): they can make a name or a link read as another one. Isolates do the honest work. */
const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** Control characters but tab and line breaks. */
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
/** No script needs more marks on one letter; more of them are painted over the lines above. */
const maxMarks = 4;
const piledMarks = new RegExp(`(\\p{M}{${maxMarks}})\\p{M}+`, 'gu');
const lineBreaks = /\s*[\r\n\u2028\u2029]+\s*/g;

/** For a message's text: line breaks and the writer's own bidi marks stay, since the element isolates them. */
export function messageText(text: string): string {
  return text.toWellFormed().replaceAll(controls, '').replaceAll(piledMarks, '$1');
}

/** For names, previews and everything that stands in a line of our own: one line, and nothing that turns it around. */
export function lineText(text: string, maxLength: number): string {
  return cutTo(inLine(text).trim(), maxLength);
}

/** A piece of such a line, with the spaces at its ends. */
export function inLine(text: string): string {
  return messageText(text).replaceAll(bidiControls, '').replaceAll(lineBreaks, ' ');
}

/** Never within a character as people see it. */
export function cutTo(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // A character may be long (a family of emoji); a prefix of twice the length holds enough of them.
  let cut = '';
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, maxLength * 2))) {
    if (cut.length + segment.length > maxLength) break;
    cut += segment;
  }
  return `${cut}…`;
}
