/**
 * The SDK's reference, made from its exports and their docstrings: `docs/sdk/reference.md`. With `--check` it
 * fails when the written one is not what the source says, or an export has no docstring.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
const target = path.join(root, 'docs/sdk/reference.md');
const entries = [
  { name: '@cipherchat/client-sdk', file: 'libs/client-sdk/src/index.ts' },
  { name: '@cipherchat/client-sdk/sqlite', file: 'libs/client-sdk/src/sqlite.ts' },
  { name: '@cipherchat/client-sdk/indexed-db', file: 'libs/client-sdk/src/indexed-db.ts' },
  { name: '@cipherchat/client-sdk/tabs', file: 'libs/client-sdk/src/tabs.ts' },
];

const program = ts.createProgram(
  entries.map(({ file }) => path.join(root, file)),
  {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    customConditions: ['@cipherchat/source'],
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    noEmit: true,
  },
);
const checker = program.getTypeChecker();
const undocumented = [];

function docOf(symbol) {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
}

function tagsOf(symbol) {
  return symbol
    .getJsDocTags(checker)
    .map((tag) => `*${tag.name === 'throws' ? 'Throws' : tag.name}* ${ts.displayPartsToString(tag.text)}`);
}

/** Code without bodies: what a caller needs. */
function signatureOf(declaration) {
  if (ts.isClassDeclaration(declaration)) return `class ${declaration.name.text}${heritageOf(declaration)}`;
  if (ts.isFunctionDeclaration(declaration)) {
    return declaration
      .getText()
      .slice(0, declaration.body.getStart() - declaration.getStart())
      .trim();
  }
  if (ts.isVariableDeclaration(declaration)) {
    return `const ${declaration.name.getText()}: ${checker.typeToString(checker.getTypeAtLocation(declaration))}`;
  }
  return declaration.getText();
}

function heritageOf(declaration) {
  return declaration.heritageClauses === undefined
    ? ''
    : ` ${declaration.heritageClauses.map((clause) => clause.getText()).join(' ')}`;
}

function isPublic(member) {
  const flags = ts.getCombinedModifierFlags(member);
  const isHidden = (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
  return !isHidden && member.name !== undefined && !ts.isConstructorDeclaration(member);
}

function memberSignature(member) {
  const text = member.getText();
  const end = member.body === undefined ? text.length : member.body.getStart() - member.getStart();
  return text
    .slice(0, end)
    .replace(/^(async |override )+/, '')
    .trim();
}

function describeClass(declaration) {
  const lines = [];
  for (const member of declaration.members.filter(isPublic)) {
    const symbol = checker.getSymbolAtLocation(member.name);
    lines.push(
      '',
      '```ts',
      memberSignature(member),
      '```',
      '',
      docOf(symbol),
      ...tagsOf(symbol).map((tag) => `\n${tag}`),
    );
  }
  return lines;
}

function describe(symbol) {
  const resolved = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const [declaration] = resolved.declarations ?? [];
  if (declaration === undefined) return [];
  const doc = docOf(resolved);
  const isOurs = declaration.getSourceFile().fileName.includes('/libs/client-sdk/');
  if (doc === '' && isOurs) undocumented.push(symbol.name);
  const lines = ['', `### ${symbol.name}`, '', '```ts', signatureOf(declaration), '```', '', doc];
  lines.push(...tagsOf(resolved).map((tag) => `\n${tag}`));
  if (ts.isClassDeclaration(declaration)) lines.push(...describeClass(declaration));
  return lines;
}

const lines = ['# The client SDK: reference', '', 'Made from the source by `npm run docs:sdk`; do not edit.'];
for (const { name, file } of entries) {
  const source = program.getSourceFile(path.join(root, file));
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source));
  lines.push(
    '',
    `## \`${name}\``,
    ...exported.toSorted((a, b) => (a.name < b.name ? -1 : 1)).flatMap(describe),
  );
}
const text = `${lines.join('\n').replaceAll(/\n{3,}/g, '\n\n')}\n`;

if (undocumented.length > 0) {
  console.error(`Exports without a docstring: ${undocumented.join(', ')}`);
  process.exitCode = 1;
}
if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error('docs/sdk/reference.md is not what the source says: npm run docs:sdk');
  process.exitCode = 1;
}
