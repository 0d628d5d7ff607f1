// What a wrong guess costs, and whom: told by the name that was submitted, the user whose it is, and where it came from.
import type { Account, Person, Tenant, World } from './world.ts';

/** The product's own, told once more so that a change there shows. Milliseconds. */
const GUESSES = 10;
const SHORTEST_WAIT = 30_000;
const LONGEST_WAIT = 3_600_000;
export const CLOSING = 100;
const DAY = 24 * 3_600_000;
const LANE_LIFE = 30 * DAY;
export const FLOOD_INTERVAL = 10_000;
export const FLOOD_SPAN = 600_000;

/** The lane of all of them together. */
export const STRANGERS = '';

export function findPerson(tenant: Tenant, name: string): Person | undefined {
  return tenant.people.find(({ userId, username, email }) =>
    [userId, username, email].includes(name),
  );
}

/* ---- budgets ---- */

/** What no rule of waits decides the same way: then time is let pass. */
export function isUndecided(world: World, tenant: Tenant, name: string): boolean {
  const { count, at } = readBudget(world, tenant, name);
  return count >= GUESSES && world.now - at >= SHORTEST_WAIT && world.now - at <= LONGEST_WAIT;
}

export function isBlocked(world: World, tenant: Tenant, name: string): boolean {
  const { count, at } = readBudget(world, tenant, name);
  return count >= GUESSES && world.now - at < SHORTEST_WAIT;
}

/** Whether even the right password is a wrong one: that of the guess which is about to be made. */
export function isClosed(world: World, tenant: Tenant, name: string): boolean {
  const account = findAccount(tenant, name);
  return (account?.lanes.get(nameLane(world, account))?.failures ?? 0) >= CLOSING;
}

/** Before any hash. Nothing when the name must wait. */
export function reserve(world: World, tenant: Tenant, name: string): void {
  if (isBlocked(world, tenant, name)) return;
  const { now } = world;
  const { count } = readBudget(world, tenant, name);
  tenant.guesses.set(nameBudget(world, tenant, name), {
    count: count + 1,
    at: now,
    touchedAt: now,
  });
  const account = findAccount(tenant, name);
  if (account === null) return;
  const source = nameLane(world, account);
  const { failures, signedInAt } = account.lanes.get(source) ?? { failures: 0, signedInAt: null };
  account.lanes.set(source, { failures: failures + 1, signedInAt });
}

export function forgiveOne(world: World, tenant: Tenant, name: string): void {
  const { count, at } = readBudget(world, tenant, name);
  const budget = nameBudget(world, tenant, name);
  tenant.guesses.set(budget, { count: count - 1, at, touchedAt: world.now });
  const account = findAccount(tenant, name);
  const lane = account?.lanes.get(nameLane(world, account));
  if (lane !== undefined) lane.failures = Math.max(0, lane.failures - 1);
}

export function forgive(world: World, tenant: Tenant, name: string): void {
  tenant.guesses.delete(nameBudget(world, tenant, name));
  const account = findAccount(tenant, name);
  const lane = account?.lanes.get(nameLane(world, account));
  if (lane !== undefined) lane.failures = 0;
}

/** From wherever, but not that there were too many in all. */
export function forgiveAll(tenant: Tenant, { userId, username, email }: Person): void {
  for (const budget of tenant.guesses.keys()) {
    const [name = ''] = budget.split(' ');
    if ([userId, username, email].includes(name)) tenant.guesses.delete(budget);
  }
}

/** A right password where one signs in: from now on who comes from there is no stranger. */
export function welcome(world: World, tenant: Tenant, name: string): void {
  forgive(world, tenant, name);
  const { from, now } = world;
  const account = findAccount(tenant, name);
  if (account === null || from === null) return;
  const { failures, signedInAt } = account.lanes.get(from) ?? { failures: 0, signedInAt: null };
  // What was seen within a day is not written again.
  if (signedInAt !== null && signedInAt >= now - DAY) return;
  account.lanes.set(from, { failures, signedInAt: now });
}

/** As core/operations/clean-up.ts does. */
export function dropOldGuesses({ guesses, floods, people }: Tenant, now: number): void {
  for (const [source, fullAt] of floods) if (fullAt <= now) floods.delete(source);
  for (const [budget, { touchedAt }] of guesses) {
    if (touchedAt <= now - LANE_LIFE) guesses.delete(budget);
  }
  for (const { account } of people) {
    for (const [source, { signedInAt }] of account?.lanes ?? []) {
      if (signedInAt !== null && signedInAt <= now - LANE_LIFE) account?.lanes.delete(source);
    }
  }
}

function findAccount(tenant: Tenant, name: string): Account | null {
  return findPerson(tenant, name)?.account ?? null;
}

function nameLane({ from, now }: World, { lanes }: Account): string {
  const signedInAt = lanes.get(from ?? STRANGERS)?.signedInAt ?? null;
  return from !== null && signedInAt !== null && signedInAt > now - LANE_LIFE ? from : STRANGERS;
}

function nameBudget(world: World, tenant: Tenant, name: string): string {
  const account = findAccount(tenant, name);
  return `${name} ${account === null ? STRANGERS : nameLane(world, account)}`;
}

function readBudget(world: World, tenant: Tenant, name: string) {
  return tenant.guesses.get(nameBudget(world, tenant, name)) ?? { count: 0, at: 0 };
}

/* ---- floods ---- */

/** Whether strangers from there have asked too often, of whomever, at a door that wants no key. */
export function isFlooded(world: World, tenant: Tenant, name: string): boolean {
  const { from, now } = world;
  if (from === null || !isStranger(world, tenant, name)) return false;
  return (tenant.floods.get(from) ?? 0) - now > FLOOD_SPAN - FLOOD_INTERVAL;
}

export function takeFromFlood(world: World, tenant: Tenant, name: string): void {
  fillFlood(world, tenant, name, FLOOD_INTERVAL);
}

/** Since the guess was right. Before the source is welcomed. */
export function putBackToFlood(world: World, tenant: Tenant, name: string): void {
  fillFlood(world, tenant, name, -FLOOD_INTERVAL);
}

function fillFlood(world: World, tenant: Tenant, name: string, by: number): void {
  const { from, now } = world;
  if (from === null || !isStranger(world, tenant, name)) return;
  tenant.floods.set(from, Math.max(tenant.floods.get(from) ?? 0, now) + by);
}

function isStranger(world: World, tenant: Tenant, name: string): boolean {
  const account = findAccount(tenant, name);
  return account === null || nameLane(world, account) === STRANGERS;
}
