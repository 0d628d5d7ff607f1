// Which addresses on the web are secure enough to send to, or to send people to.
import { expect, it } from 'vitest';
import { readSecureUrl } from '../../src/core/web-url.ts';

it.each([
  'https://login.example/reset',
  'https://login.example:8443/',
  'https://localhost/',
  'http://localhost:3000/',
  'http://127.0.0.1:3000/',
  'http://[::1]:3000/',
])('takes %s', (text) => {
  expect(readSecureUrl(text)?.href).toBe(text);
});

it.each([
  ['plain http elsewhere', 'http://login.example/'],
  ['plain http of what only begins like the own machine', 'http://localhost.evil.example/'],
  ['plain http of all interfaces', 'http://0.0.0.0/'],
  ['another scheme', 'ftp://login.example/'],
  ['another scheme of the own machine', 'ws://localhost/'],
  ['a script', 'javascript:alert(1)'],
  ['a blob', 'blob:https://login.example/1'],
  ['a name', 'https://ann@login.example/'],
  ['a password without a name', 'https://:secret@login.example/'],
  ['no address', 'login.example'],
  ['nothing', ''],
])('refuses %s', (_, text) => {
  expect(readSecureUrl(text)).toBeNull();
});
