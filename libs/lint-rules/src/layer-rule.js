import path from 'node:path';
import { repositoryPath } from './repository-path.js';

const scope = '@cipherchat/';

/**
 * Refuses an import that the table of layers does not allow: by a package's name, or by a path that leads into
 * another package and so goes round its index.ts.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const layerRule = {
  meta: {
    type: 'problem',
    schema: [
      {
        type: 'object',
        properties: {
          folder: { type: 'string' },
          may: { type: 'array', items: { type: 'string' } },
          whenNot: { type: 'string' },
        },
        required: ['folder', 'may', 'whenNot'],
        additionalProperties: false,
      },
    ],
    messages: {
      byName: '{{folder}} may import {{may}}, not {{imported}}. {{whenNot}}',
      byPath:
        '{{imported}} leads out of {{folder}}. Import a package by its name (@cipherchat/…), if its layer allows it. {{whenNot}}',
    },
  },
  create(context) {
    /** @type {{ folder: string, may: readonly string[], whenNot: string }} */
    const { folder, may, whenNot } = context.options[0];
    const inSource = repositoryPath(context.filename).startsWith(`${folder}/src/`);
    const allowed = inSource ? may : [...may, path.basename(folder)];

    /** @param {unknown} source Of an import: a literal, but in `import(path)`, where nobody can tell. */
    function check(source) {
      const node = /** @type {import('eslint').Rule.Node | null} */ (source);
      if (node?.type !== 'Literal' || typeof node.value !== 'string') return;
      const imported = node.value;
      const names = may.map((name) => scope + name).join(', ') || 'no other package of this repository';
      const data = { folder, imported, whenNot, may: names };
      if (imported.startsWith(scope)) {
        if (!isAllowed(imported.slice(scope.length), allowed))
          context.report({ node, messageId: 'byName', data });
      } else if (imported.startsWith('.')) {
        const target = repositoryPath(path.resolve(path.dirname(context.filename), imported));
        if (!target.startsWith(`${folder}/`)) context.report({ node, messageId: 'byPath', data });
      }
    }

    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (/** @type {{ source: unknown }} */ node) => check(node.source),
    };
  },
};

/**
 * An entry allows itself and what is below it: `crypto` also `crypto/verify`, but not the other way round.
 *
 * @param {string} name
 * @param {readonly string[]} may
 */
function isAllowed(name, may) {
  return may.some((allowed) => name === allowed || name.startsWith(`${allowed}/`));
}
