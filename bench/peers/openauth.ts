// One of openauth's password hashers behind two routes, with nothing else of it: /verify, and /change, which verifies and
// hashes as a change would. Says its address on standard output, and ends when standard input does.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  type PasswordHasher,
  PBKDF2Hasher,
  ScryptHasher,
} from '@openauthjs/openauth/provider/password';

const PASSWORD = 'seven calm otters';

const routes =
  process.argv[2] === 'pbkdf2' ? openHasher(PBKDF2Hasher()) : openHasher(ScryptHasher());
const server = createServer(async (request, response) => {
  response.end(String(await routes(request.url ?? '')));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('no port');
console.log(JSON.stringify({ url: `http://127.0.0.1:${address.port}` }));
await text(process.stdin);
process.exit();

function openHasher<Hash>({ hash, verify }: PasswordHasher<Hash>) {
  let stored: Promise<Hash> | undefined;
  return async (path: string): Promise<boolean> => {
    if (path === '/empty') return true;
    stored ??= hash(PASSWORD);
    if (path === '/change') await hash(PASSWORD);
    return verify(PASSWORD, await stored);
  };
}
