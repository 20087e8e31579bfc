/**
 * The program of the image `cipherchat/migrations`: `main.js auth` brings the tables of a service forward in the
 * database of DATABASE_URL, as its owner, and ends. With nothing to do it says so and succeeds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { databaseUrl } from './config.js';
import { prepareService, serviceDatabases } from './service-database.js';
import { untilConnected } from './until-connected.js';

/** The database of a first installation has its image pulled meanwhile; a Job tries more than once. */
const connectedWithinMs = 120_000;
const connectTimeoutMs = 5_000;

const [service, ...rest] = process.argv.slice(2);
const database = serviceDatabases.find((each) => each.service === service);
const url = databaseUrl();

if (database === undefined || rest.length > 0)
  fail(`Which service? One of: ${serviceDatabases.map((each) => each.service).join(', ')}`);
if (url === undefined)
  fail('DATABASE_URL (or DATABASE_URL_FILE, the path of a file that holds it) is missing.');

try {
  await untilConnected(() => connectOnce(url), {
    withinMs: connectedWithinMs,
    nowMs: () => performance.now(),
    sleep,
  });
  const applied = await prepareService({ databaseUrl: url, database });
  process.stdout.write(
    applied.length === 0
      ? `${database.service}: up to date.\n`
      : `${database.service}: applied ${applied.join(', ')}.\n`,
  );
} catch (error) {
  // What else is thrown is of the connection; it names a host, and no password.
  fail(error instanceof Error ? error.message : String(error));
}

async function connectOnce(connectionString: string): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: connectTimeoutMs });
  await client.connect();
  await client.end();
}

function fail(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
