/**
 * Limits per network address are for an office or a household, and load from one address would measure them alone. All
 * of 127.0.0.0/8 is this machine's on Linux, so on loopback each run comes from a range of its own.
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Fetch } from '@cipherchat/load-people';

export type SourceAddresses = {
  readonly all: readonly string[];
  /** As k6 takes it. */
  readonly range: string;
};

/** The registrations that auth takes at once from one address are 10. */
const peoplePerAddress = 8;
const maxAddresses = 250;
/** Ranges of 250 addresses in 127.0.0.0/8, but for those that people use by hand. */
const [firstNet, lastNet] = [16, 255];

/** Undefined where the platform has one loopback address only. */
export function sourceAddresses(params: {
  readonly people: number;
  readonly vus: number;
  readonly platform: NodeJS.Platform;
}): SourceAddresses | undefined {
  if (params.platform !== 'linux') return undefined;
  const count = Math.min(maxAddresses, Math.max(params.vus, Math.ceil(params.people / peoplePerAddress)));
  const net = `127.${randomInt(firstNet, lastNet)}.${randomInt(0, 256)}`;
  const all = Array.from({ length: count }, (_, index) => `${net}.${index + 1}`);
  return { all, range: `${all[0]}-${all.at(-1)}` };
}

/** A `fetch` that comes from the address, or from where the system lets it. */
export function fetchFrom(localAddress: string | undefined, caFile: string | undefined): Fetch {
  const ca = caFile === undefined ? undefined : readFileSync(caFile);
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const send = url.startsWith('https:') ? httpsRequest : httpRequest;
      const options = {
        method: method ?? 'GET',
        headers: headers as Record<string, string>,
        agent: false as const,
        ...(localAddress === undefined ? {} : { localAddress, family: 4 }),
        ...(signal === undefined || signal === null ? {} : { signal }),
        ...(ca === undefined ? {} : { ca }),
      };
      const request = send(url, options, (answer) => void answered(answer).then(resolve, reject));
      request.once('error', reject);
      request.end(body);
    });
}

async function answered(answer: IncomingMessage): Promise<Response> {
  return new Response(await text(answer), { status: answer.statusCode ?? 0 });
}
