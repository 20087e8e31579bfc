import { encodingsFor } from './encodings.js';
import { layers } from './layers.js';
import { PatternIndex, type Pattern } from './pattern-index.js';
import { windowsOf, type Captured, type Place, type Secret } from './secret.js';

/** A secret that stands where it must not. The value is not part of it: a report of a leak must not be one. */
export type Finding = {
  readonly secret: string;
  readonly place: Place;
  readonly location: string;
  /** From the outside in: `base64 > gzip > as it is`. */
  readonly encoding: string;
  readonly offset: number;
};

/** Base64 in JSON in gzip in base64 is what programs do; more is what an adversary does, whom no search stops. */
const maxLayers = 4;

export class Detector {
  private readonly index: PatternIndex;

  constructor(private readonly secrets: readonly Secret[]) {
    this.index = new PatternIndex(patternsOf(secrets));
  }

  get patternCount(): number {
    return this.index.size;
  }

  /** Each secret at most once per layer of the captured bytes, at its first place. */
  find(captured: Captured): readonly Finding[] {
    const found = new Map<string, Finding>();
    this.search({ captured, bytes: captured.bytes, opened: [], found });
    return [...found.values()];
  }

  private search(params: {
    readonly captured: Captured;
    readonly bytes: Uint8Array;
    readonly opened: readonly string[];
    readonly found: Map<string, Finding>;
  }): void {
    const { captured, bytes, opened, found } = params;
    for (const match of this.index.search(bytes)) {
      const secret = this.secrets[match.secret];
      if (secret === undefined || secret.allowedAt.includes(captured.place)) continue;
      const encoding = [...opened, match.encoding].join(' > ');
      const key = `${secret.name} ${encoding}`;
      if (!found.has(key))
        found.set(key, {
          secret: secret.name,
          place: captured.place,
          location: captured.location,
          encoding,
          offset: match.offset,
        });
    }
    if (opened.length === maxLayers) return;
    for (const layer of layers) {
      if (layer.opensOutermostOnly && opened.length > 0) continue;
      for (const inner of layer.inner(bytes)) {
        if (inner.length > 0) this.search({ captured, bytes: inner, opened: [...opened, layer.name], found });
      }
    }
  }
}

function* patternsOf(secrets: readonly Secret[]): Generator<Pattern> {
  for (const [index, secret] of secrets.entries()) {
    const runs = windowsOf(secret);
    for (const encoding of encodingsFor(secret.kind)) {
      for (const run of runs) {
        const bytes = (encoding.patternOf ?? encoding.encode)(run);
        yield { bytes, secret: index, encoding: encoding.name };
      }
    }
  }
}
