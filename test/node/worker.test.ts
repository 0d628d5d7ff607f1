// Where the Worker will listen, as it is told to others.
import { expect, it } from 'vitest';
import { nameUrl } from '../../src/node/worker.ts';

it.each([
  [8787, 'http://127.0.0.1:8787'],
  [80, 'http://127.0.0.1'],
])('names the origin of port %i as an issuer must be written', (port, url) => {
  expect(nameUrl(port)).toBe(url);
});
