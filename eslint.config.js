import { lintConfig } from './libs/lint-rules/src/index.js';

// The layers, the bans and their messages are in libs/lint-rules.
export default lintConfig;
