/** @typedef {NonNullable<Parameters<import('eslint').SourceCode['getText']>[0]>} Node */

const makers = ['counter', 'gauge', 'histogram', 'sampled'];

/**
 * Holds metrics to the catalogue: none is made past it, each is named where it is made, so that a search for the name
 * finds it, and no label value is forced into its set. What remains is checked by the compiler (the set is a union of
 * words) and, for what it cannot see, when it happens (a value outside the set is refused).
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const metricsRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      past: 'Metrics come from libs/telemetry: add yours to metric-catalogue.ts, and take it from Metrics by its name.',
      name: 'Write the name of the metric here, as the catalogue has it, so that a search for the name finds what counts it.',
      forced:
        'A label takes a word of its closed set and never an id: decide which word by a switch, without a type assertion.',
    },
  },
  create(context) {
    /** Sources of what reports to a metric: `countClaims`, `this.countClaims`. @type {Set<string>} */
    const reporters = new Set();
    /** @type {Extract<Node, { type: 'CallExpression' }>[]} */
    const calls = [];
    const textOf = (/** @type {Node} */ node) => context.sourceCode.getText(node);

    /**
     * @param {Node} target
     * @param {Node | null | undefined} value
     */
    function remember(target, value) {
      if (value?.type === 'CallExpression' && isMaker(value.callee)) reporters.add(textOf(target));
    }

    return {
      'ImportDeclaration[source.value="prom-client"]': (/** @type {import('eslint').Rule.Node} */ node) =>
        context.report({ node, messageId: 'past' }),
      VariableDeclarator: ({ id, init }) => remember(id, init),
      AssignmentExpression: ({ left, right }) => remember(left, right),
      CallExpression(node) {
        if (node.type !== 'CallExpression') return;
        const [name] = node.arguments;
        if (isMaker(node.callee) && !(name?.type === 'Literal' && typeof name.value === 'string'))
          context.report({ node, messageId: 'name' });
        calls.push(node);
      },
      'Program:exit'() {
        for (const { callee, arguments: given } of calls)
          if (reporters.has(textOf(callee)))
            for (const node of given.flatMap((argument) => assertionsIn(argument, context)))
              context.report({ node, messageId: 'forced' });
      },
    };
  },
};

/** `metrics.counter`, `this.metrics.counter`. @param {Node} callee */
function isMaker(callee) {
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return false;
  const { object } = callee;
  const owner =
    object.type === 'MemberExpression' && object.property.type === 'Identifier'
      ? object.property.name
      : object.type === 'Identifier'
        ? object.name
        : '';
  return owner === 'metrics' && makers.includes(callee.property.name);
}

/**
 * @param {Node} node
 * @param {import('eslint').Rule.RuleContext} context
 * @returns {Node[]}
 */
function assertionsIn(node, context) {
  if (/^TS(AsExpression|TypeAssertion)$/.test(node.type)) return [node];
  const keys = context.sourceCode.visitorKeys[node.type] ?? [];
  const children = keys.flatMap((key) => /** @type {any} */ (node)[key] ?? []);
  return children.filter(Boolean).flatMap((child) => assertionsIn(child, context));
}
