// How often each kind of call derives, exactly, and in how large portions: counted by bench/baseline/counting.js.
import { askFor, type Told } from './ask.ts';
import { wrapProduct } from './bundle.ts';
import {
  bearer,
  changeOverRest,
  changeOverVba,
  changeOverZap,
  get,
  pick,
  postJson,
  signIn,
  signInOverZap,
  WRONG_PASSWORD,
} from './calls.ts';
import type { Call } from './load.ts';
import { type Rekey, startRekey } from './rekey.ts';
import { exactly, type Measure, type Progress } from './result.ts';
import { fetchIdToken, fetchToken } from './tokens.ts';
import { openDoors, throttle } from './wrong-guesses.ts';

/** Production Workers refuse a derivation of more iterations; the local runtime does not. */
const MOST_ITERATIONS = 100_000;
const SIGN_IN = 6;
const CHANGE = 12;

type Case = readonly [name: string, status: number, derivations: number, call: Call];

/** @throws Error when a call derives otherwise than it must, or is answered otherwise. */
export async function countDerivations(progress: Progress): Promise<Measure[]> {
  const bundle = await wrapProduct('counting.js');
  const rekey = await startRekey({ bundle, users: 3, apiKeys: 4 });
  try {
    const cases = [...(await listRight(rekey)), ...(await listWrong(rekey))];
    for (const one of cases) {
      progress(`derivations: ${one[0]}`);
      await requireDerivations(rekey.url, one);
    }
    return cases.map(([name, , derivations]) => ({
      name: `derivations: ${name}`,
      unit: 'count',
      value: exactly(derivations),
      goal: null,
    }));
  } finally {
    await rekey.stop();
  }
}

/** @throws Error as above. */
export async function requireDerivations(url: string, one: Case): Promise<Told> {
  const [name, status, derivations, call] = one;
  await readDerivations(url);
  const told = await askFor(status, url, call);
  const made = await readDerivations(url);
  if (made.derivations !== derivations) {
    throw new Error(`${name}: ${made.derivations} derivations, not ${derivations}`);
  }
  if (made.most > MOST_ITERATIONS) throw new Error(`${name}: ${made.most} iterations at once`);
  return told;
}

async function readDerivations(url: string) {
  const { body } = await askFor(200, url, get('/bench/derivations'));
  return JSON.parse(body) as { readonly derivations: number; readonly most: number };
}

async function listRight(rekey: Rekey): Promise<Case[]> {
  const { tenant } = rekey;
  const user = pick(tenant.users, 1);
  const idToken = await fetchIdToken(rekey, tenant.admin);
  const token = await fetchToken(rekey, tenant.admin);
  return [
    ['VBA sign-in', 200, SIGN_IN, signIn(tenant, 0, user)],
    ['ZAP login', 200, SIGN_IN, signInOverZap(tenant, user)],
    ['VBA change', 200, CHANGE, changeOverVba(tenant, 0, idToken, user)],
    ['ZAP change', 200, CHANGE, changeOverZap(tenant, token, user)],
    ['ZITADEL change', 200, CHANGE, changeOverRest(tenant, user)],
  ];
}

async function listWrong(rekey: Rekey): Promise<Case[]> {
  const { tenant } = rekey;
  const doors = await openDoors(rekey);
  const { userId } = pick(tenant.users, 2);
  const guesses = Object.entries(doors).flatMap(([door, { status, guess }]): Case[] => [
    [`${door}, wrong password`, status, SIGN_IN, guess(userId, 0)],
    [`${door}, unknown user`, status, SIGN_IN, guess('nobody', 0)],
  ]);
  const throttled = { userId: 'nobody-else', password: WRONG_PASSWORD };
  await throttle(rekey, throttled.userId);
  return [
    ...guesses,
    ['throttled', 429, 0, signIn(tenant, 0, throttled)],
    ['refused by the policy', 400, 0, setPassword(tenant.serviceToken, userId, 'too short')],
    ['refused as too common', 400, 0, setPassword(tenant.serviceToken, userId, 'password1234567')],
  ];
}

/** By authority, with no proof whose check would cost a hash. */
function setPassword(token: string, userId: string, password: string): Call {
  return postJson(`/v2/users/${userId}/password`, bearer(token), { newPassword: { password } });
}
