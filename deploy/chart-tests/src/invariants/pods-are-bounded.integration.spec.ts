/** What a container may take is said, and which image it is cannot change under it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { chartFolder, root } from '../chart.js';
import { everyContainer } from '../scenarios.fixture.js';

const quantity = /^[0-9]+(m|Ki|Mi|Gi)?$/;
/** A name, then a tag or a digest that says which. */
const image = /^[^\s@:]+(:[\w][\w.-]*)?(@sha256:[0-9a-f]{64})?$/;

describe('containers', () => {
  it.each(everyContainer)('$name asks for CPU and memory, and has a limit of memory', ({ container }) => {
    expect(container.resources).toMatchObject({
      requests: { cpu: expect.stringMatching(quantity), memory: expect.stringMatching(quantity) },
      limits: { memory: expect.stringMatching(quantity) },
    });
  });

  it.each(everyContainer)('$name has an image that stays what it is', ({ container }) => {
    expect(container.image).toMatch(image);
    expect(container.image).toMatch(/:[\w.-]+$|@sha256:/);
    expect(container.image).not.toMatch(/:latest(@|$)/);
  });

  it('are of our images, each of which there is, or of a bundled store', () => {
    const source = readFileSync(path.join(root, 'deploy/images/src/image-list.ts'), 'utf8');
    const [, names = ''] = /export type ImageName =([^;]+);/.exec(source) ?? [];
    const ours = [...names.matchAll(/'([a-z0-9-]+)'/g)].map(([, name]) => name);
    const used = everyContainer.map(
      ({ container }) => /(?:^|\/)cipherchat\/([a-z0-9-]+):/.exec(container.image)?.[1] ?? container.image,
    );
    const stores = ['postgres', 'nats', 'valkey/valkey'];
    const others = [...new Set(used)].filter((name) => !stores.some((store) => name.startsWith(`${store}:`)));
    expect(others.toSorted()).toEqual(ours.toSorted());
  });

  it('are of the version that this checkout is', () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    expect(parse(readFileSync(path.join(chartFolder, 'Chart.yaml'), 'utf8'))).toMatchObject({
      version,
      appVersion: version,
    });
  });
});
