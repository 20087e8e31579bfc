import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
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
    const [{ folder, may, whenNot }] = context.options;
    const inSource = path.relative(root, context.filename).startsWith(path.join(folder, 'src') + path.sep);
    const allowed = inSource ? may : [...may, path.basename(folder)];

    function check(node, source) {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const imported = source.value;
      const data = {
        folder,
        imported,
        whenNot,
        may: may.map((name) => scope + name).join(', ') || 'no other package of this repository',
      };
      if (imported.startsWith(scope)) {
        if (!isAllowed(imported.slice(scope.length), allowed))
          context.report({ node: source, messageId: 'byName', data });
      } else if (imported.startsWith('.')) {
        const target = path.relative(root, path.resolve(path.dirname(context.filename), imported));
        if (!target.startsWith(folder + path.sep))
          context.report({ node: source, messageId: 'byPath', data });
      }
    }

    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source),
    };
  },
};

/** An entry allows itself and what is below it: `crypto` also `crypto/verify`, but not the other way round. */
function isAllowed(name, may) {
  return may.some((allowed) => name === allowed || name.startsWith(`${allowed}/`));
}
