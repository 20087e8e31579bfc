/** What the Dockerfile says of an image, for where no Docker builds it: how it is started, and what `assemble` is told. */
import type { ImageSettings } from './archive.js';
import type { Image } from './image-list.js';

export type FinalStage = {
  readonly settings: ImageSettings;
  /** Of `assemble`, but for `--out`. */
  readonly assembleArguments: readonly string[];
};

/** @throws Error for an image that no stage of this text makes */
export function finalStageOf(text: string, image: Image): FinalStage {
  const lines = (stage: string): readonly string[] => stageOf(text, stage, image.args);
  const [, assembled = ''] = /^COPY --from=(\S+) \/image \/$/m.exec(lines(image.target).join('\n')) ?? [];
  const [, told] = /assemble\.js (.+) --out \/image$/.exec(lines(assembled).at(-1) ?? '') ?? [];
  if (told === undefined) throw new Error(`The Dockerfile does not say how ${image.name} is assembled`);
  return {
    settings: settingsOf(lines(image.target)),
    assembleArguments: told.split(/\s+/).map((word) => word.replaceAll('"', '')),
  };
}

/** Its instructions, a line each, with build arguments filled in. */
function stageOf(text: string, stage: string, args: Readonly<Record<string, string>>): readonly string[] {
  const found = text.split(/^(?=FROM )/m).find((part) => part.split('\n')[0]?.endsWith(` AS ${stage}`));
  return (found ?? '')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .replace(/\$\{(\w+)\}/g, (whole, name: string) => args[name] ?? whole)
    .split('\n')
    .filter((line) => line !== '');
}

function settingsOf(lines: readonly string[]): ImageSettings {
  const all = (instruction: string): readonly string[] =>
    lines
      .filter((line) => line.startsWith(`${instruction} `))
      .map((line) => line.slice(instruction.length + 1).trim());
  const words = (instruction: string): readonly string[] =>
    JSON.parse(all(instruction)[0] ?? '[]') as readonly string[];
  const [workingFolder] = all('WORKDIR');
  const [user] = all('USER');
  const stopSignal = all('STOPSIGNAL')[0] as ImageSettings['stopSignal'];
  const environment = all('ENV').flatMap((line) =>
    [...line.matchAll(/(\w+)=(\S+)/g)].map(([, key = '', value = '']) => [key, value] as const),
  );
  return {
    entrypoint: words('ENTRYPOINT'),
    command: words('CMD'),
    environment: Object.fromEntries(environment),
    ...(workingFolder === undefined ? {} : { workingFolder }),
    ...(user === undefined ? {} : { user }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
  };
}
