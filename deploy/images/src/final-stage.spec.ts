import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { finalStageOf } from './final-stage.js';
import { images, type ImageName } from './image-list.js';

const text = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
const stageOf = (name: ImageName) => {
  const image = images.find((each) => each.name === name);
  return finalStageOf(text, image!);
};

describe('what the Dockerfile says of an image', () => {
  it('is how a service starts, with its own folder', () => {
    const { settings, assembleArguments } = stageOf('gateway');
    expect(settings).toEqual({
      entrypoint: [
        'node',
        '--min-semi-space-size=32',
        '--max-semi-space-size=64',
        '--initial-old-space-size=256',
        '--external-memory-accounted-in-global-limit',
      ],
      command: ['dist/main.js'],
      environment: {
        NODE_ENV: 'production',
        TZ: 'UTC',
        PATH: '/usr/local/bin',
        HOST: '0.0.0.0',
        PORT: '3000',
      },
      workingFolder: '/app/apps/gateway',
      user: '10001:10001',
    });
    expect(assembleArguments).toEqual([
      ...['--image', 'gateway', '--package', 'apps/gateway', '--without', '@cipherchat/mls-wasm'],
      ...['--program', '/usr/local/bin/node'],
    ]);
  });

  it('is by which signal nginx ends in order, and what is served', () => {
    const { settings, assembleArguments } = stageOf('web');
    expect(settings.stopSignal).toBe('SIGQUIT');
    expect(settings.entrypoint).toEqual(['nginx', '-e', 'stderr', '-g', 'daemon off;']);
    expect(assembleArguments).toContain('apps/web/dist:/usr/share/cipherchat/web');
    expect(assembleArguments.slice(-2)).toEqual(['--program', '/usr/sbin/nginx']);
  });

  it('leaves no variable unfilled, in any image', () => {
    for (const image of images)
      expect(JSON.stringify({ ...finalStageOf(text, image) })).not.toMatch(/\$\{|\\\\/);
  });

  it('is refused where a stage assembles nothing', () => {
    const withoutAssemble = text.replaceAll('assemble.js', 'other.js');
    expect(() => finalStageOf(withoutAssemble, images[0]!)).toThrow('does not say how auth is assembled');
  });
});
