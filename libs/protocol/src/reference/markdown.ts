/** The two things that the generated pages are made of. */

const generatedNotice =
  '<!-- Made from libs/protocol by `npm run docs:protocol`. Change the source, not this page. -->';

export function table(heads: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Blocks with an empty line between them. */
export function page(blocks: readonly string[]): string {
  return `${[generatedNotice, ...blocks.filter((block) => block !== '')].join('\n\n')}\n`;
}
