import { languageConfig } from './language-config.js';
import { layerConfig } from './layer-config.js';
import { plugin } from './plugin.js';
import { purityConfig } from './purity-config.js';
import { styleConfig } from './style-config.js';
import { typesConfig, typescriptConfig } from './types-config.js';

/** The whole configuration. Order matters: a later entry replaces the same rule of an earlier one. */
export const lintConfig = [
  {
    name: 'cipherchat/ignored',
    ignores: [
      '**/dist/',
      '**/generated/',
      'libs/mls-wasm/pkg/',
      'libs/mls-wasm/vectors/pkg/',
      'libs/mls-wasm/**/target/',
      '.data/',
      '.nx/',
      '.cache/',
    ],
  },
  {
    name: 'cipherchat/plugin',
    plugins: { cipherchat: plugin },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
  typescriptConfig,
  ...languageConfig,
  ...layerConfig,
  ...purityConfig,
  ...typesConfig,
  ...styleConfig,
];
