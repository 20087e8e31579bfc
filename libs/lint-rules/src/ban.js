/**
 * A rule from a table: what it forbids (an ESLint selector) and what to do instead. Each ban is a rule of its own,
 * since ESLint's `no-restricted-syntax` is one list, in which a later entry of the config replaces an earlier one.
 *
 * @param {Readonly<Record<string, string>>} insteadBySelector
 * @returns {import('eslint').Rule.RuleModule}
 */
export function ban(insteadBySelector) {
  return {
    meta: { type: 'problem', schema: [] },
    create: (context) =>
      Object.fromEntries(
        Object.entries(insteadBySelector).map(([selector, message]) => [
          selector,
          (/** @type {import('eslint').Rule.Node} */ node) => context.report({ node, message }),
        ]),
      ),
  };
}
