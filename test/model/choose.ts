// What a step is about, out of what there is: told by its numbers.
import type { Step } from './steps.ts';
import type { Key, Person, Purpose, Tenant, World } from './world.ts';

export const WEAK = 'short by far';
export const NO_CODE = 'ZZZZ9999';

export interface Place {
  readonly tenant: Tenant;
  readonly other: Tenant;
  readonly person: Person;
}

/** The newest is 0. */
export function choose<T>(list: readonly T[], which: number): T | undefined {
  return list.length === 0 ? undefined : list.at(-1 - (which % list.length));
}

export function ofPerson<T extends { readonly person: Person }>(
  list: readonly T[],
  person: Person,
): T[] {
  return list.filter((one) => one.person === person);
}

export function nextNumber(world: World): number {
  world.serial += 1;
  return world.serial;
}

/** Of 30 characters at least: no policy here refuses it. */
export function nameNew(world: World): string {
  return `a heron stood in the model, ${String(nextNumber(world)).padStart(6, '0')}`;
}

export function newPassword(world: World, { person }: Place, { option, wrong }: Step): string {
  if (option === 7) return WEAK;
  // The present one: refused where it was the proof.
  if (option === 6 && wrong !== 0) return person.account?.password ?? WEAK;
  return nameNew(world);
}

export function choosePassword({ other, person }: Place, step: Step, world: World): string {
  const { wrong } = step;
  const present = person.account?.password ?? 'nobody has a password here';
  if (wrong === 0) return present;
  if (wrong === 1) return `no password of anybody ${nextNumber(world)}`;
  if (wrong === 2) return choose(person.passwords, step.which + 1) ?? present;
  const twin = other.people.find(({ userId }) => userId === person.userId);
  return twin?.account?.password ?? present;
}

export function chooseCode({ tenant, other, person }: Place, step: Step, purpose: Purpose): string {
  const of = (place: Tenant, isWanted: (owner: Person) => boolean) =>
    choose(
      place.handed.codes.filter((code) => code.text !== null && isWanted(code.person)),
      step.which,
    )?.text;
  const { wrong } = step;
  if (wrong === 1) return NO_CODE;
  if (wrong === 2) return of(other, ({ userId }) => userId === person.userId) ?? NO_CODE;
  if (wrong === 3) return of(tenant, (owner) => owner !== person) ?? NO_CODE;
  const own = tenant.handed.codes.filter(
    (code) => code.text !== null && code.person === person && code.purpose === purpose,
  );
  return choose(own, step.which)?.text ?? NO_CODE;
}

export function chooseKey(tenant: Tenant, { which }: Step): Key {
  const key = which === 0 ? tenant.keys[0] : choose(tenant.keys, which - 1);
  if (key === undefined) throw new Error('a tenant without keys');
  return key;
}
