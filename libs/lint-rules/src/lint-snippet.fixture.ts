import { fileURLToPath } from 'node:url';
import { Linter } from 'eslint';
import { lintConfig } from './index.js';
import { typesConfig } from './types-config.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const linter = new Linter({ configType: 'flat', cwd: root });

/** Without the rules that need types: a snippet belongs to no program. */
const untyped = lintConfig.filter(
  ({ name }) => !typesConfig.some((entry) => entry.name === name),
) as Linter.Config[];

/** What lint says about `code` if it stood in `file` (a path from the root of the repository). */
export function messagesOf(params: { readonly file: string; readonly code: string }): Linter.LintMessage[] {
  return linter.verify(params.code, untyped, { filename: `${root}${params.file}` });
}
