import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { Description, METHODS } from '../support/openapi.js';
import { Server } from '../support/server.js';
import { joinToken, uniqueName } from '../support/tokens.js';
import { publisherOffer, WhipSession } from '../support/whip.js';

let server: Server;
let description: Description;
beforeAll(async () => {
  server = await Server.start({ env: { VISAVIS_LOG_LEVEL: 'debug' } });
  description = await Description.of(server);
});
afterAll(() => server.stop());

/** Where pages and their files are. */
const PAGES = /^\/(meet\/|portal\/)?\*?$/;

it('is an OpenAPI document that pages of any origin may read', async () => {
  const response = await server.fetch('/v1/openapi.json', {
    headers: { Origin: 'https://x.org' },
  });
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('access-control-allow-origin')).toBe('https://x.org');
  const { valid, errors } = await new Validator().validate(JSON.parse(await response.text()));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

it('has every route of the server, and nothing else', () => {
  const routes = server.log
    .filter(({ event }) => event === 'http.route')
    .map(({ method, pattern }) => `${method} ${pattern}`)
    .filter((route) => !route.startsWith('OPTIONS ') && !PAGES.test(route.split(' ')[1] ?? ''));
  const described = Object.entries(description.document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(routes.sort());
});

it('names every component that it refers to, and refers to every one that it names', () => {
  const text = JSON.stringify(description.document);
  const referred = new Set([...text.matchAll(/"#\/components\/(\w+\/\w+)"/g)].map(([, to]) => to));
  const { securitySchemes: _, ...components } = description.document.components;
  const named = Object.entries(components).flatMap(([kind, all]) =>
    Object.keys(all).map((name) => `${kind}/${name}`),
  );
  expect([...referred].sort()).toEqual(named.sort());
});

it('is true of the answers about tokens and layers', async () => {
  const path = '/v1/meet/tokens';
  const ask = (body: object) =>
    server.fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  await description.check('post', path, await ask({ room: 'hello', name: 'Ann' }));
  await description.check('post', path, await ask({ room: '?' }));

  const room = uniqueName('room');
  const token = (identity: string) => joinToken(room, identity);
  const studio = await WhipSession.open(server, `/whip/${room}`, await token('studio'));
  const offer = publisherOffer([{ kind: 'video', direction: 'recvonly' }]);
  const screen = await WhipSession.open(server, `/whep/${room}`, await token('screen'), offer);
  const layer = (headers: Record<string, string>) =>
    server.fetch(`${screen.location}/layer`, { headers });
  const at = '/whep/{room}/{session}/layer';
  await description.check('get', at, await layer({ Authorization: `Bearer ${screen.bearer}` }));
  await description.check('get', at, await layer({}));
  await Promise.all([studio.end(), screen.end()]);
});
