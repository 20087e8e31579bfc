/** The templates of deploy/nginx and what fills them in. Nothing is started. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { nginxVariables, renderTemplate, type NginxSettings } from './nginx-config.js';

const folder = fileURLToPath(new URL('../../../deploy/nginx', import.meta.url));
const templates = readdirSync(path.join(folder, 'templates')).map((file) => ({
  file,
  text: readFileSync(path.join(folder, 'templates', file), 'utf8'),
}));
const settings: NginxSettings = {
  listen: '127.0.0.1:7700',
  transport: { kind: 'plain' },
  webRoot: '/srv/web',
  runFolder: '/run/nginx',
  instance: 'nginx-1',
  auth: '127.0.0.1:1',
  keyDirectory: '127.0.0.1:2',
  messageStore: '127.0.0.1:3',
  gateways: ['127.0.0.1:4', '[::1]:5'],
};

describe('rendering', () => {
  it('fills in what stands in braces, and leaves the variables of nginx', () => {
    expect(renderTemplate('listen ${LISTEN}; root ${ROOT}/$uri;', { LISTEN: '80', ROOT: '/srv' })).toBe(
      'listen 80; root /srv/$uri;',
    );
  });

  it('refuses a name that has no value', () => {
    expect(() => renderTemplate('${OTHER}', { LISTEN: '80' })).toThrow(/OTHER/);
  });

  it('lists every gateway', () => {
    expect(nginxVariables(settings)['GATEWAY_SERVERS']).toBe(
      'server 127.0.0.1:4 max_fails=0; server [::1]:5 max_fails=0;',
    );
  });

  it.each([
    { webRoot: '/srv\nuser root' },
    { webRoot: '/srv/$uri' },
    { webRoot: '/srv"; autoindex on; #' },
    { runFolder: '/run\\' },
    { auth: '127.0.0.1:1; deny all' },
    { gateways: ['one two'] },
    { proxiesInFront: ['10.0.0.0/8; deny all'] },
    { instance: 'a"b' },
  ])('refuses a value that would not stay one: %j', (wrong) => {
    expect(() => nginxVariables({ ...settings, ...wrong })).toThrow(RangeError);
  });

  it('takes a folder with spaces in its name', () => {
    expect(nginxVariables({ ...settings, webRoot: '/srv/my web' })['WEB_ROOT']).toBe('/srv/my web');
  });
});

describe('the templates', () => {
  it('name exactly the variables that there are, and the page explains each', () => {
    const named = new Set(
      templates.flatMap(({ text }) => [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? '')),
    );
    const given = Object.keys(nginxVariables(settings)).toSorted();
    expect([...named].toSorted()).toEqual(given);
    const page = readFileSync(path.join(folder, 'README.md'), 'utf8');
    expect(given.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('add headers in one place only: nginx drops those of the server for a location that adds one', () => {
    expect(templates.filter(({ text }) => /^\s*add_header/m.test(text)).map(({ file }) => file)).toEqual([
      'headers.conf.template',
    ]);
  });
});
