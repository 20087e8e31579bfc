import { reachRules } from './libs/lint-rules/src/reach-rules.js';

export default {
  forbidden: reachRules,
  options: {
    doNotFollow: { path: 'node_modules|/generated/|^libs/mls-wasm/(vectors/)?pkg/' },
    exclude: { path: '(^|/)(dist|generated)/|^libs/mls-wasm/.*/target/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@cipherchat/source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
    builtInModules: { add: ['node:sqlite', 'node:test'] },
  },
};
