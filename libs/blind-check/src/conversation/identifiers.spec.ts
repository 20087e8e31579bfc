import { describe, expect, it } from '@jest/globals';
import type { UserId } from '@cipherchat/protocol';
import { Detector } from '../detector/detector.js';
import { places, type Place } from '../detector/secret.js';
import { idSecrets, nameSecret } from './identifiers.js';

const id = '7c1e9a52-3f0b-4d86-9b1d-e5a47f20c8d3' as UserId;
const detector = new Detector([
  ...idSecrets({ name: "ana's id", id }),
  nameSecret({ name: "ana's username", text: 'ana-5f1c9e7a2b' }),
]);
const foundAt = (place: Place, text: string): readonly string[] =>
  detector.find({ place, location: 'here', bytes: Buffer.from(text) }).map(({ secret }) => secret);

describe('the id of a person', () => {
  it.each([
    ['as a label of a metric', `cipherchat_appends_total{user="${id}"} 1\n`],
    ['without its dashes', `cipherchat_appends_total{outcome="${id.replaceAll('-', '')}"} 1\n`],
    ['in the name of a metric', `cipherchat_appends_${id.replaceAll('-', '_')}_total 1\n`],
    ['in an exemplar', `a_bucket{le="1"} 1 # {trace_id="00000000${id.slice(0, 18)}"} 0.5\n`],
  ])('is found in metrics %s', (_where, text) => {
    expect(foundAt('metrics', text)).not.toEqual([]);
  });

  it('is found in logs and traces, and may stand where the server works', () => {
    for (const place of places)
      expect([place, foundAt(place, `{"user":"${id}"}`).length > 0]).toEqual([
        place,
        ['logs', 'traces', 'metrics'].includes(place),
      ]);
  });
});

it('a username is found in metrics', () => {
  expect(foundAt('metrics', 'cipherchat_x_total{outcome="ana-5f1c9e7a2b"} 1')).toEqual(["ana's username"]);
});
