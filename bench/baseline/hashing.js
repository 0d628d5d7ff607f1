// The production bundle, and beside it, in the same process, the raw hash. No two processes of workerd hash at one speed:
// one in twenty is slower by a sixth for as long as it lives, whatever it runs, so that the hash of another process is no
// measure. `/bench/hash/6`: so many links. `/bench/between/4-5/hash/6`: between two trips of so many reads.
import rekey from './index.js';

const ASKED = /\/bench\/(?:between\/(\d+)-(\d+)\/)?hash\/(\d+)$/;
const ITERATIONS = 100_000;
const KEY_BITS = 256;

/** As Rekey's hash: so many times PBKDF2, each with the output of the one before; nothing gets a turn in between. */
async function derive(links) {
  let secret = new TextEncoder().encode('seven calm otters');
  const salt = new Uint8Array(16);
  for (let link = 0; link < links; link += 1) {
    const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
    const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS };
    secret = await crypto.subtle.deriveBits(algorithm, key, KEY_BITS);
  }
  return secret;
}

/** One trip, of so many statements. */
async function read(database, statements) {
  const statement = database.prepare('SELECT name FROM tenant WHERE id = ?1').bind('nobody');
  await database.batch(Array.from({ length: statements }, () => statement));
}

export default {
  async fetch(request, env, context) {
    const asked = ASKED.exec(request.url);
    if (asked === null) return rekey.fetch(request, env, context);
    const [, before, after, links] = asked;
    if (before !== undefined) await read(env.DB, Number(before));
    const output = await derive(Number(links));
    if (after !== undefined) await read(env.DB, Number(after));
    return new Response(String(output.byteLength));
  },
};
