/** `npm run compose -- --url URL --cert FILE --key FILE`: writes what deploy/compose.yaml reads; see deploy/README.md. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ExplainedError } from '@cipherchat/test-kit';
import { runCommand } from '../command-line.js';
import { addressesIn } from '../compose/addresses.js';
import { writeComposeFiles, type ComposeOptions } from '../compose/compose-files.js';
import { inRoot, versionOfProject } from '../repository.js';

const help = `npm run compose -- --url https://chat.example.org --cert fullchain.pem --key privkey.pem
  --registration open      anybody may make an account (default: invite)
  --folder FOLDER          where secrets and configuration are kept (default: .compose)
  --subnet 10.77.7.0/24    the network of the containers among themselves`;

await runCommand(async (args) => {
  const options = optionsOf(args);
  writeComposeFiles(options);
  const shown = path.relative(process.cwd(), options.folder);
  console.log(`Secrets and configuration are in ${shown}. Keep a copy of it with your backups.

  docker compose -f deploy/compose.yaml --env-file ${shown}/environment up -d

The first account becomes an administrator with the token in ${shown}/secrets/bootstrap-token.`);
});

function optionsOf(args: readonly string[]): ComposeOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        url: { type: 'string' },
        cert: { type: 'string' },
        key: { type: 'string' },
        registration: { type: 'string', default: 'invite' },
        folder: { type: 'string', default: inRoot('.compose') },
        subnet: { type: 'string', default: '10.77.7.0/24' },
      },
    });
    const { url, cert, key, registration, subnet } = values;
    if (url === undefined || cert === undefined || key === undefined)
      throw new Error('--url, --cert and --key are needed.');
    if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
      throw new Error('--url is the https address that people open.');
    for (const file of [cert, key]) if (!existsSync(file)) throw new Error(`There is no ${file}.`);
    if (registration !== 'open' && registration !== 'invite')
      throw new Error('--registration is open or invite.');
    addressesIn(subnet);
    const folder = path.resolve(values.folder);
    const version = versionOfProject();
    return { folder, url: new URL(url), certFile: cert, keyFile: key, registration, version, subnet };
  } catch (error) {
    throw new ExplainedError(`${(error as Error).message}\n${help}`);
  }
}
