/** What the Dockerfile must keep to, as a chart and other programs count on it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { serviceArguments } from '@cipherchat/test-kit';
import { basesOf, images } from './image-list.js';

const text = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
const stages = new Map(
  text
    .split(/^(?=FROM )/m)
    .slice(1)
    .map((stage) => [/^FROM \S+ AS (\S+)/.exec(stage)?.[1] ?? '', stage] as const),
);
const finals = [...new Set(images.map(({ target }) => target))];

describe.each(finals)('the image %s', (target) => {
  const stage = stages.get(target) ?? '';

  it('has nothing but what was put into it', () => {
    expect(stage).toMatch(/^FROM scratch AS /);
    expect(stage.match(/^(COPY|ADD|RUN) .*$/gm)).toEqual([
      expect.stringMatching(/^COPY --from=[a-z0-9]+-files \/image \/$/),
    ]);
  });

  it('runs as nobody in particular, without a shell', () => {
    expect(stage).toMatch(/^USER 10001:10001$/m);
    expect(stage).toMatch(/^ENTRYPOINT \["(node|nginx)", /m);
  });

  it('says where its bill of materials is', () => {
    expect(stage).toContain('org.cipherchat.sbom="/usr/share/cipherchat/sbom.cdx.json"');
  });
});

it('starts a service as everything else does that starts one', () => {
  // Maps of sources are not in the image.
  const sizes = serviceArguments.filter((argument) => argument !== '--enable-source-maps');
  expect(stages.get('service')).toContain(
    `ENTRYPOINT ${JSON.stringify(['node', ...sizes]).replaceAll(',', ', ')}\n`,
  );
});

it('keeps the engine of the encryption out of what runs on a server', () => {
  expect(stages.get('service-files')).toContain('--without @cipherchat/mls-wasm ');
});

it('names its bases without a registry, and never by what is newest', () => {
  const bases = [...basesOf(text).values()];
  expect(bases).toHaveLength(3);
  for (const base of bases) expect(base).toMatch(/^[\w/-]+:\d[\w.-]*$/);
});
