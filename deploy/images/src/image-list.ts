/** The images of a release: which stage of the Dockerfile each is. */

export type ImageName =
  'auth' | 'key-directory' | 'gateway' | 'message-store' | 'migrations' | 'cli' | 'web' | 'k6';

export type Image = {
  readonly name: ImageName;
  /** Of the Dockerfile. */
  readonly target: string;
  readonly args: Readonly<Record<string, string>>;
};

/** Below the root. */
export const dockerfile = 'deploy/Dockerfile';

const service = (name: ImageName): Image => ({ name, target: 'service', args: { APP: name } });
const other = (name: ImageName): Image => ({ name, target: name, args: {} });

export const images: readonly Image[] = [
  service('auth'),
  service('key-directory'),
  service('gateway'),
  service('message-store'),
  other('migrations'),
  other('cli'),
  other('web'),
  other('k6'),
];

/** Of deploy/compose.yaml, and what people look at it with. */
export const composeImages: readonly Image[] = images.filter(({ name }) => name !== 'k6');

export function tagOf(name: ImageName, version: string): string {
  return `cipherchat/${name}:${version}`;
}

/** `ARG …BASE=name` of the Dockerfile: the build arguments that name its bases, with the images that they are by default. */
export function basesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(/^ARG (\w*BASE)=(\S+)$/gm)].map(([, name, image]) => [name ?? '', image ?? '']),
  );
}
