/** The tables of the chart's README: each value by its path, what it is unless said otherwise, and the comment beside it in values.yaml. */
import { isMap, isScalar, parseDocument, type Pair } from 'yaml';

const begin = '<!-- What follows is written by npm run docs:chart, from values.yaml. -->';
const end = '<!-- The end of that. -->';
/** Settings of one component are those of another: said once, at the first. */
const components = ['auth', 'keyDirectory', 'messageStore', 'gateway', 'web'];

type Row = { readonly path: string; readonly unless: string; readonly comment: string };

/** The page with the part between its marks written anew. @throws RangeError for a page without marks */
export function withValues(params: { readonly page: string; readonly values: string }): string {
  const { page, values } = params;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new RangeError('the page has no place for the values');
  return `${page.slice(0, from)}${begin}\n\n${sectionsOf(values).join('\n\n')}\n\n${page.slice(to)}`;
}

function sectionsOf(values: string): readonly string[] {
  const document = parseDocument(values);
  if (!isMap(document.contents)) throw new RangeError('the values are no map');
  const said = new Map<string, string>();
  // A comment before the first key is the document's.
  const first = document.commentBefore ?? undefined;
  const top = document.contents.items.map((pair, index) => ({
    pair,
    comment: (index === 0 ? first : undefined) ?? commentOf(pair),
  }));
  const alone = top.filter(({ pair }) => !isMap(pair.value));
  const grouped = top.filter(({ pair }) => isMap(pair.value));
  return [
    table(
      alone.map(({ pair, comment }) => ({
        path: nameOf(pair),
        unless: textOf(pair),
        comment: oneLine(comment),
      })),
    ),
    ...grouped.map(({ pair, comment }) => {
      const rows = rowsOf({ pair, path: nameOf(pair), said });
      return [`### ${nameOf(pair)}`, ...(comment === undefined ? [] : [oneLine(comment)]), table(rows)].join(
        '\n\n',
      );
    }),
  ];
}

function rowsOf(params: {
  readonly pair: Pair;
  readonly path: string;
  readonly said: Map<string, string>;
}): readonly Row[] {
  const { pair, path, said } = params;
  const { value } = pair;
  // A map that is written in one line is one setting.
  if (!isMap(value) || value.flow === true) return [];
  return value.items.flatMap((inner, index): readonly Row[] => {
    const innerPath = `${path}.${nameOf(inner)}`;
    const own = commentOf(inner) ?? (index === 0 ? (value.commentBefore ?? undefined) : undefined);
    const rows = rowsOf({ pair: inner, path: innerPath, said });
    const [component = '', ...rest] = innerPath.split('.');
    const setting = rest.join('.');
    if (components.includes(component) && own !== undefined) said.set(setting, own);
    const comment = own ?? (components.includes(component) ? said.get(setting) : undefined);
    if (rows.length === 0) return [{ path: innerPath, unless: textOf(inner), comment: oneLine(comment) }];
    return comment === undefined
      ? rows
      : [{ path: innerPath, unless: '', comment: oneLine(comment) }, ...rows];
  });
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function commentOf({ key }: Pair): string | undefined {
  return isScalar(key) ? (key.commentBefore ?? undefined) : undefined;
}

function textOf({ value }: Pair): string {
  const plain: unknown = isScalar(value)
    ? value.value
    : (value as { readonly toJSON: () => unknown }).toJSON();
  if (plain === '' || plain === null) return '';
  return `\`${typeof plain === 'string' ? plain : JSON.stringify(plain)}\``;
}

function oneLine(comment: string | undefined): string {
  return (comment ?? '').trim().replaceAll(/\s*\n\s*/g, ' ');
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ path, unless, comment }) =>
    `| \`${path}\` | ${unless} | ${comment.replaceAll('|', '\\|')} |`.replaceAll(/ {2,}/g, ' '),
  );
  return ['| value | unless said otherwise | |', '| --- | --- | --- |', ...lines].join('\n');
}
