import { playConversation } from './conversation/script.js';
import { Detector, type Finding } from './detector/detector.js';
import { plantLeaks } from './detector/plants.js';
import { places, type Place, type Secret } from './detector/secret.js';
import { stale, unlikeComments, unlisted, type CommentedColumn } from './document/compare.js';
import { sections, type KnownThings } from './document/known-things.js';
import { plantInSystem } from './real-plants.js';
import { record, startSurroundings, type Record, type Surroundings } from './surroundings.js';

export type BlindReport = {
  /** What is wrong, a line each; empty when the server is blind and the check is not. */
  readonly faults: readonly string[];
  /** For the last line. */
  readonly figures: Readonly<{ [name: string]: number }>;
  readonly columns: readonly CommentedColumn[];
};

export type BlindParams = { readonly known: KnownThings; readonly say: (line: string) => void };

/** Plays a conversation on a system of its own, and searches everything that the system kept or passed on. */
export async function checkBlindness(params: BlindParams): Promise<BlindReport> {
  const { known, say } = params;
  say('Starting a system of its own, with a recorder at each place.');
  const surroundings = await startSurroundings();
  try {
    say('Playing a conversation:');
    const played = await playConversation({ ...surroundings, say });
    const harvests = played.people.map((person) => ({ owner: person.name, ...person.harvest() }));
    const secrets = [...played.canaries.secrets, ...harvests.flatMap((harvest) => harvest.secrets)];
    const taken = await record(surroundings);
    say(`Searching ${taken.captured.length} captured items for ${secrets.length} secrets.`);
    const detector = new Detector(secrets);
    const findings = search(detector, taken);
    say('Planting leaks in copies, in every form at every place, and in the running system.');
    const planted = plantLeaks({ detector, captured: taken.captured, secrets, searched: places });
    const real = await checkRealPlants({ known, surroundings });
    const faults = [
      ...findings.map(findingText),
      ...harvests.flatMap(({ owner, missing }) =>
        missing.map((kind) => `the check is broken: it did not learn any "${kind}" of ${owner}`),
      ),
      ...planted.emptyPlaces.map((place) => `the check is broken: nothing was captured at ${place}`),
      ...planted.missed.map(
        ({ place, form, secret }) =>
          `the check is broken: ${secret}, planted at ${place} as ${form}, was not found`,
      ),
      ...real.faults,
      ...taken.strangeLines.map((line) => `not a structured log line: ${line}`),
      ...taken.strangeMetrics,
      ...unlisted({ known, seen: taken.seen }),
      ...stale({ known, seen: taken.seen, complete: ['columns', 'frameFields'] }),
      ...unlikeComments({ known, columns: taken.columns }),
    ];
    const figures = {
      messages: played.messages,
      secrets: secrets.length,
      patterns: detector.patternCount,
      items: taken.captured.length,
      mebibytes: Math.round(taken.captured.reduce((sum, { bytes }) => sum + bytes.length, 0) / 2 ** 20),
      places: places.length,
      leaks: findings.length,
      planted: planted.planted + real.planted,
      missed: planted.missed.length + real.missed,
      listed: Object.keys(sections).reduce(
        (sum, section) => sum + known[section as keyof KnownThings].length,
        0,
      ),
      faults: faults.length,
    };
    return { faults, figures, columns: taken.columns };
  } finally {
    await surroundings.stop();
  }
}

function search(detector: Detector, { captured }: Record): readonly Finding[] {
  return captured.flatMap((item) => detector.find(item));
}

function findingText({ secret, place, location, encoding, offset }: Finding): string {
  return `LEAK: ${secret} stands in ${place}: ${location}, at byte ${offset}, ${encoding}`;
}

/** A second recording of the same system, which now has a leak at each place. */
async function checkRealPlants(params: {
  readonly known: KnownThings;
  readonly surroundings: Surroundings;
}): Promise<{ readonly faults: readonly string[]; readonly planted: number; readonly missed: number }> {
  const { known, surroundings } = params;
  const plants = await plantInSystem(surroundings);
  const taken = await record(surroundings);
  const findings = search(new Detector(plants.secrets), taken);
  const wasFound = (place: Place, secret: Secret['name']): boolean =>
    findings.some((finding) => finding.place === place && finding.secret === secret);
  const notFound = plants.expected.filter(({ place, secret }) => !wasFound(place, secret));
  const discrepancies = unlisted({ known, seen: taken.seen });
  const notReported = plants.unlisted.filter(
    ({ section, name }) =>
      !discrepancies.some((line) => line.includes(sections[section]) && line.includes(JSON.stringify(name))),
  );
  return {
    planted: plants.expected.length + plants.unlisted.length,
    missed: notFound.length + notReported.length,
    faults: [
      ...notFound.map(
        ({ place, secret }) =>
          `the check is broken: ${secret} in the running system's ${place} was not found`,
      ),
      ...notReported.map(
        ({ section, name }) =>
          `the check is broken: ${name}, which "## ${sections[section]}" does not list, was not reported`,
      ),
    ],
  };
}
