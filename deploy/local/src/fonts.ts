/** The letters of pictures, the same on every machine: a test browser has whatever its system has, and often no emoji. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { inRoot } from './repository.js';

const require = createRequire(import.meta.url);
const packages = [
  require.resolve('@expo-google-fonts/inter/package.json'),
  require.resolve('@expo-google-fonts/noto-sans-arabic/package.json'),
  require.resolve('@expo-google-fonts/noto-color-emoji/package.json'),
];

/** Where the app asks for the letters of the system, these are it. */
const settings = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
${packages.map((file) => `  <dir>${path.dirname(file)}</dir>`).join('\n')}
  <alias binding="strong"><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
</fontconfig>
`;

/** For the environment of a browser on Linux; others ask their system, whose letters are good. */
export function pinnedFonts(): Readonly<Record<string, string>> {
  const folder = inRoot('.cache', 'fonts');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'fonts.conf');
  writeFileSync(file, settings);
  return { FONTCONFIG_FILE: file };
}
