import { noChance, noClock, noDefaultExport, noEnum, noEnvironment, noExportAll, noTimer } from './bans.js';
import { layerRule } from './layer-rule.js';
import { metricsRule } from './metrics-rule.js';
import { nameRule } from './name-rule.js';

/** Our own rules, as `cipherchat/<name>` in the config and in a `eslint-disable` comment. */
export const plugin = {
  rules: {
    layers: layerRule,
    metrics: metricsRule,
    names: nameRule,
    'no-chance': noChance,
    'no-clock': noClock,
    'no-default-export': noDefaultExport,
    'no-enum': noEnum,
    'no-environment': noEnvironment,
    'no-export-all': noExportAll,
    'no-timer': noTimer,
  },
};
