import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import {
  k6Program,
  natsServerProgram,
  nginxProgram,
  prometheusPrograms,
  redisServerProgram,
} from './install-program.js';
import { bareMachine } from './bare-machine.fixture.js';

describe('finding a server program', () => {
  const machine = bareMachine();
  const { said, say, has } = machine;
  const prints = (text: string): string => `echo ${text}`;
  const creates = (file: string): string => `echo '#!/bin/sh' > ${file}; /bin/chmod +x ${file}`;
  const cached = 'cache/cipherchat/bin/nats-server';

  it('takes the one that CIPHERCHAT_NATS_SERVER names, whatever else is there', async () => {
    has('bin/nats-server', prints('nats-server: v2.15.0'));
    jest.replaceProperty(process, 'env', { CIPHERCHAT_NATS_SERVER: '/some/other/nats-server' });
    expect(await natsServerProgram(say)).toBe('/some/other/nats-server');
  });

  it('takes a recent nats-server from PATH and builds nothing', async () => {
    has('bin/go', 'exit 1');
    const file = has('bin/nats-server', prints('nats-server: v2.15.0'));
    expect(await natsServerProgram(say)).toBe(file);
    expect(said).toEqual([]);
  });

  it('prefers one that it built before to an older one of the system', async () => {
    has('bin/nats-server', prints('nats-server: v2.9.10'));
    const file = has(cached, prints('nats-server: v2.15.2'));
    expect(await natsServerProgram(say)).toBe(file);
  });

  it('builds one with Go when only an old one is there, and says so', async () => {
    has('bin/nats-server', prints('nats-server: v2.9.10'));
    has(
      'bin/go',
      `[ "$1" = install ] || exit 1\necho "$2" > "$GOBIN/asked"; ${creates('"$GOBIN/nats-server"')}`,
    );
    expect(await natsServerProgram(say)).toBe(path.join(machine.path, cached));
    expect(said).toEqual([expect.stringMatching(/^Building nats-server 2\.15\.2 with Go into /)]);
  });

  it('takes the old one when Go cannot build, and says why', async () => {
    const file = has('bin/nats-server', prints('nats-server: v2.9.10'));
    has('bin/go', 'echo no network >&2; exit 1');
    expect(await natsServerProgram(say)).toBe(file);
    expect(said[1]).toBe('Go could not build it (no network); looking for another way.');
  });

  it('takes the old one silently when there is no Go', async () => {
    const file = has('bin/nats-server', prints('nats-server: v2.9.10'));
    expect(await natsServerProgram(say)).toBe(file);
    expect(said).toEqual([]);
  });

  it('installs with apt-get where it may, after fetching the package lists of a fresh machine', async () => {
    const target = path.join(machine.path, 'bin/redis-server');
    const lists = path.join(machine.path, 'lists');
    const apt = `case "$1" in update) : > ${lists};; install) [ -e ${lists} ] || exit 100; ${creates(target)};; esac`;
    has('bin/apt-get', apt);
    has('bin/sudo', '[ "$1" = -n ] || exit 1; shift; [ "$1" = true ] || exec "$@"');
    expect(await redisServerProgram(say)).toBe(target);
    expect(said).toEqual(['Installing redis-server with apt-get.']);
  });

  it('installs with Homebrew where there is no apt-get', async () => {
    const target = path.join(machine.path, 'bin/redis-server');
    has('bin/brew', `[ "$*" = "install redis" ] && ${creates(target)}`);
    expect(await redisServerProgram(say)).toBe(target);
    expect(said).toEqual(['Installing redis with Homebrew.']);
  });

  it('takes a k6 of 1.0 or newer, and builds one with Go where there is only an older one', async () => {
    const file = has('bin/k6', prints('k6 v1.2.0'));
    expect(await k6Program(say)).toBe(file);
    has('bin/k6', prints('k6 v0.52.0'));
    has('bin/go', `[ "$1" = install ] || exit 1\necho "$2" > "$GOBIN/asked"; ${creates('"$GOBIN/k6"')}`);
    const built = path.join(machine.path, 'cache/cipherchat/bin/k6');
    expect(await k6Program(say)).toBe(built);
    expect(readFileSync(path.join(path.dirname(built), 'asked'), 'utf8')).toBe('go.k6.io/k6@v1.8.1\n');
    expect(said).toEqual([expect.stringMatching(/^Building k6 1\.8\.1 with Go into /)]);
  });

  it('unpacks Prometheus and promtool of Debian’s package, and installs nothing', async () => {
    const lists = path.join(machine.path, 'lists');
    has(
      'bin/apt-get',
      `case "$1" in update) : > ${lists};; download) [ -e ${lists} ] || exit 100; : > prometheus_2.42.0.deb;; *) exit 1;; esac`,
    );
    has('bin/sudo', '[ "$1" = -n ] || exit 1; shift; [ "$1" = true ] || exec "$@"');
    has(
      'bin/dpkg-deb',
      `[ "$1" = --extract ] && [ -e "$2" ] || exit 1\n/bin/mkdir -p "$3/usr/bin"; for name in prometheus promtool; do ${creates('"$3/usr/bin/$name"')}; done`,
    );
    const bin = path.join(machine.path, 'cache/cipherchat/bin');
    const both = { prometheus: path.join(bin, 'prometheus'), promtool: path.join(bin, 'promtool') };
    expect(await prometheusPrograms(say)).toEqual(both);
    expect(said).toEqual([expect.stringMatching(/^Unpacking prometheus and promtool of Debian’s package /)]);
    expect(await prometheusPrograms(say)).toEqual(both);
    expect(said).toHaveLength(1);
  });

  it('wants promtool beside a Prometheus that is there', async () => {
    has('bin/prometheus', prints('prometheus'));
    await expect(prometheusPrograms(say)).rejects.toThrow(
      /^promtool is missing\. To get it: it belongs beside /,
    );
  });

  it('names in one line what is missing and how to get it', async () => {
    await expect(prometheusPrograms(say)).rejects.toThrow(/^prometheus is missing\. To get it: [^\n]*$/);
    await expect(natsServerProgram(say)).rejects.toThrow(
      /^nats-server is missing\. To get it: install Go [^\n]*$/,
    );
    await expect(nginxProgram(say)).rejects.toThrow(
      /^nginx is missing\. To get it: [^\n]*apt-get install nginx-light[^\n]*$/,
    );
    await expect(k6Program(say)).rejects.toThrow(/^k6 is missing\. To get it: install Go [^\n]*$/);
    await expect(redisServerProgram(say)).rejects.toThrow(
      /^redis-server is missing\. To get it: [^\n]*apt-get install redis-server[^\n]*$/,
    );
  });
});
