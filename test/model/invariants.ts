// What the databases hold against what the world says, after every step.
import { expect } from 'vitest';
import { databaseOf } from '../support/tenant.ts';
import { listColumns, TENANT_TABLES } from '../support/tenant-rows.ts';
import { isLiveCode, MAX_TRIES } from './rules.ts';
import type { Person, Tenant, World } from './world.ts';

type Row = Readonly<Record<string, string | number | null>>;
type Table = (typeof TENANT_TABLES)[number];
export type Rows = Readonly<Record<Table, readonly Row[]>>;

export function readRows(pair: readonly [Tenant, Tenant]): Promise<[Tenant, Rows][]> {
  return Promise.all(
    pair.map(async (tenant): Promise<[Tenant, Rows]> => [tenant, await readTenant(tenant)]),
  );
}

async function readTenant({ real }: Tenant): Promise<Rows> {
  const database = databaseOf(real);
  const statements = TENANT_TABLES.map((table) =>
    database
      .prepare(`SELECT ${listColumns(table)} FROM ${table} WHERE tenant_id = ? ORDER BY 1, 2, 3`)
      .bind(real.orgId),
  );
  const results = (await database.batch<Row>(statements)).map((result) => result.results);
  const tables = TENANT_TABLES.map((table, at) => [table, results[at] ?? []]);
  return Object.fromEntries(tables) as Rows;
}

/** Everything that can be told of the tenant's users without their secrets. */
export function expectAsModelled(world: World, tenant: Tenant, rows: Rows): void {
  for (const person of tenant.people) {
    const { userId } = person;
    expectSame(describeRows(world, person, rows), { userId, ...describeModel(world, person) });
  }
  expectSame(describeStoredGuesses(world, rows), describeGuesses(world, tenant));
}

/** Whole, since the message of an assertion is cut; no secret is in it. */
function expectSame(found: unknown, wanted: unknown): void {
  const [stored, modelled] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (stored !== modelled) throw new Error(`stored: ${stored}, modelled: ${modelled}`);
}

/** Whose they are does not show: names and sources are stored as MACs. */
function describeGuesses({ now }: World, { guesses, floods }: Tenant) {
  const counts = [...guesses.values()].map(({ count }) => count).filter((count) => count > 0);
  return { guesses: counts.sort(), floods: [...floods.values()].filter((at) => at > now).sort() };
}

function describeStoredGuesses({ now }: World, rows: Rows) {
  const counts = rows.throttle.map((row) => Number(row['reserved']) - Number(row['cleared']));
  // Of the strangers' together there is more than the model could use up.
  const floods = rows.flood
    .filter((row) => row['source'] !== '')
    .map((row) => Number(row['full_at']));
  return {
    guesses: counts.filter((count) => count > 0).sort(),
    floods: floods.filter((at) => at > now).sort(),
  };
}

function describeModel({ now }: World, { account, changes, created }: Person) {
  // The audit outlives its user.
  const audit = { changes, created, isGapless: true };
  if (account === null) return { ...audit, account: null };
  const { families, version, challenges } = account;
  return {
    ...audit,
    account: {
      version,
      hasPassword: account.password !== null,
      temporaryUntil: account.temporaryUntil,
      resetRequired: account.resetRequired,
      locked: account.locked,
      disabled: account.disabled,
      liveFamilies: families.filter(({ revokedAt, endsAt }) => revokedAt === null && endsAt > now)
        .length,
      // No session of before a change lives.
      staleFamilies: 0,
      liveCodes: account.codes.filter((code) => isLiveCode(code, now)).length,
      codeTries: account.codes
        .filter((code) => isLiveCode(code, now))
        .map(({ tries }) => tries)
        .sort(),
      liveChallenges: challenges.filter((one) => one.spentVersion === null && one.endsAt > now)
        .length,
      // Nothing is spent twice, nor later than it could be.
      spent: [...account.codes, ...challenges]
        .filter(({ endsAt, spentVersion }) => endsAt > now && spentVersion !== null)
        .map(({ spentVersion }) => spentVersion)
        .sort(),
      loginSessions: account.loginSessions.length,
      lanes: [...account.lanes.values()]
        .filter(isTold)
        .map(({ failures, signedInAt }) => `${failures} since ${signedInAt}`)
        .sort(),
    },
  };
}

/** Of strangers there is nothing to tell when nobody has guessed. */
function isTold({
  failures,
  signedInAt,
}: {
  readonly failures: number;
  readonly signedInAt: unknown;
}) {
  return failures > 0 || signedInAt !== null;
}

function describeRows({ now }: World, { userId }: Person, rows: Rows) {
  const of = (table: Table) => rows[table].filter((row) => row['user_id'] === userId);
  const events = of('event');
  const numbers = events.map((row) => Number(row['sequence'])).sort((a, b) => a - b);
  const count = (type: string) => events.filter((row) => row['type'] === type).length;
  const audit = {
    userId,
    changes: count('password.changed'),
    created: count('user.created'),
    isGapless: numbers.every((number, index) => number === index + 1),
  };
  const [account] = of('account');
  const [credential] = of('credential');
  if (account === undefined || credential === undefined) {
    const left = ['login_name', 'challenge', 'code', 'outbox', 'family', 'refresh_token'] as const;
    expect(left.flatMap((table) => of(table))).toEqual([]);
    return { ...audit, account: null };
  }
  const { version } = credential;
  const families = of('family').filter(
    (row) => row['revoked_at'] === null && Number(row['expires_at']) > now,
  );
  const isOpen = (row: Row) => row['spent_version'] === null && Number(row['expires_at']) > now;
  const codes = of('code').filter((row) => isOpen(row) && Number(row['tries']) < MAX_TRIES);
  return {
    ...audit,
    account: {
      version,
      hasPassword: credential['hash'] !== null,
      temporaryUntil: credential['temporary_expires_at'] ?? null,
      resetRequired: credential['reset_required'] === 1,
      locked: account['locked_at'] !== null,
      disabled: account['disabled_at'] !== null,
      liveFamilies: families.length,
      staleFamilies: families.filter((row) => row['version'] !== version).length,
      liveCodes: codes.length,
      codeTries: codes.map((row) => row['tries']).sort(),
      liveChallenges: of('challenge').filter(isOpen).length,
      spent: [...of('code'), ...of('challenge')]
        .filter((row) => Number(row['expires_at']) > now && row['spent_version'] !== null)
        .map((row) => row['spent_version'])
        .sort(),
      loginSessions: of('login_session').length,
      lanes: of('lane')
        .map((row) => ({
          failures: Number(row['failures']),
          signedInAt: row['signed_in_at'] ?? null,
        }))
        .filter(isTold)
        .map(({ failures, signedInAt }) => `${failures} since ${signedInAt}`)
        .sort(),
    },
  };
}
