import { repositoryPath } from './repository-path.js';

/** Words that say nothing of what a file knows, so that everything ends up in it. */
const emptyWords = [
  'util',
  'helper',
  'common',
  'shared',
  'misc',
  'type',
  'constant',
  'interface',
  'manager',
  'base',
  'abstract',
];
const isEmpty = (/** @type {string} */ word) =>
  emptyWords.some((empty) => word === empty || word === `${empty}s`);

/**
 * Refuses files and folders whose name says nothing, and names that are not kebab-case.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const nameRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      empty:
        '"{{name}}" does not say what is inside. Name the {{kind}} by what it knows, or put the code beside its only user.',
      spelling:
        '"{{name}}" is not kebab-case. Rename the file: words-like-this, then the role, then the ending.',
    },
  },
  create(context) {
    const parts = repositoryPath(context.filename).split('/');
    const file = parts.at(-1) ?? '';
    return {
      Program(node) {
        for (const folder of parts.slice(0, -1))
          if (isEmpty(folder))
            context.report({ node, messageId: 'empty', data: { name: folder, kind: 'folder' } });
        if (file.split('.').some(isEmpty))
          context.report({ node, messageId: 'empty', data: { name: file, kind: 'file' } });
        if (!/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(file))
          context.report({ node, messageId: 'spelling', data: { name: file } });
      },
    };
  },
};
