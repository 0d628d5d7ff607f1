// Rotation, on the texts of the secrets alone. Of each kind of key one is active, and one is next: every Worker has it
// before any uses it, so that old and new ones understand each other while the secrets spread. The others are old.
import { createHash } from 'node:crypto';
import { Refusal } from './refusal.ts';
import { makeKey, makeSigningJwk, type NamedKey, type SigningKey } from './secrets.ts';

const LISTS = { pepper: 'PEPPER_KEYS', mac: 'MAC_KEYS', chain: 'CHAIN_KEYS' } as const;
const SIGNING = 'SIGNING_JWKS';

export const KEY_KINDS = ['signing', 'pepper', 'mac', 'chain'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** By their variables. */
export type SecretTexts = Readonly<Record<string, string | undefined>>;

export type KeyRole = 'active' | 'next' | 'old';

export interface ListedKey {
  readonly id: string;
  readonly role: KeyRole;
  /** Milliseconds; null where nothing tells it. */
  readonly madeAt: number | null;
  readonly retiredAt: number | null;
}

const DAY = 24 * 3_600_000;
/**
 * A refresh shows what an old key made for as long as a session can live, a year: an expired ID token that the key
 * signed, a token whose successor is derived under it.
 */
export const OLD_LIFE = 366 * DAY;
/** So long must a next key have been out before it is used: to every Worker, and to whoever keeps our public keys. */
export const NEXT_LIFE = 600_000;

export function nameVariable(kind: KeyKind): string {
  return kind === 'signing' ? SIGNING : LISTS[kind];
}

/** In their order: the active one, the next one, the old ones from the newest. */
export function listKeys(texts: SecretTexts, kind: KeyKind): readonly ListedKey[] {
  if (kind !== 'signing') return describeList(readList(texts, kind));
  return readJwks(texts).map((jwk, index) => ({
    id: computeKid(jwk),
    role: nameRole(index),
    madeAt: toMilliseconds(jwk.made_at),
    retiredAt: toMilliseconds(jwk.retired_at),
  }));
}

/** The next key becomes the active one, a new one the next, and the active one is kept for what it made. */
export function rotateKeys(texts: SecretTexts, kind: KeyKind, now: number): SecretTexts {
  if (kind === 'signing') return rotateSigning(texts, now);
  const keys = readList(texts, kind);
  const [active, next, ...old] = keys;
  if (active === undefined || next === undefined) throw new Refusal(`${LISTS[kind]}: no next key`);
  const ends = new Map(describeList(keys).map(({ id, retiredAt }) => [id, retiredAt]));
  // What a pepper or the chain's key made has no end of its own.
  const kept = kind === 'mac' ? old.filter(({ id }) => !isOver(ends.get(id) ?? null, now)) : old;
  return writeList(texts, kind, [next, makeKey(now, keys), active, ...kept]);
}

/** @throws Refusal when there is no such key, or it is in use. */
export function dropKey(texts: SecretTexts, kind: KeyKind, id: string): SecretTexts {
  const key = listKeys(texts, kind).find((one) => one.id === id);
  if (key === undefined) throw new Refusal(`${nameVariable(kind)} has no key ${id}`);
  if (key.role !== 'old') throw new Refusal(`The key ${id} is the ${key.role} one: rotate first`);
  if (kind === 'signing')
    return writeJwks(
      texts,
      readJwks(texts).filter((jwk) => computeKid(jwk) !== id),
    );
  return writeList(
    texts,
    kind,
    readList(texts, kind).filter((one) => one.id !== id),
  );
}

function rotateSigning(texts: SecretTexts, now: number): SecretTexts {
  const [active, next, ...old] = readJwks(texts);
  if (active === undefined || next === undefined) throw new Refusal(`${SIGNING}: no next key`);
  // Nothing is signed by it any more, so that it is no secret any more.
  const { d: _, ...publicHalf } = active;
  const retired = { ...publicHalf, retired_at: Math.floor(now / 1000) };
  const kept = old.filter((jwk) => !isOver(toMilliseconds(jwk.retired_at), now));
  return writeJwks(texts, [next, makeSigningJwk(now), retired, ...kept]);
}

function isOver(retiredAt: number | null, now: number): boolean {
  return retiredAt !== null && now - retiredAt > OLD_LIFE;
}

function nameRole(index: number): KeyRole {
  return index === 0 ? 'active' : index === 1 ? 'next' : 'old';
}

/**
 * A next key is made when the active one becomes it. So an old one retired when the key was made that was next beside
 * the one that followed it: when one between was dropped, that tells too late a time, never too early a one.
 */
function describeList(keys: readonly NamedKey[]): readonly ListedKey[] {
  const [active, next, ...old] = keys;
  const inTime = [...old.toReversed(), active, next];
  return keys.map(({ id }, index) => {
    const isOld = index >= 2;
    const follower = inTime[inTime.findIndex((key) => key?.id === id) + 2];
    return {
      id,
      role: nameRole(index),
      madeAt: readTime(id),
      retiredAt: isOld && follower !== undefined ? readTime(follower.id) : null,
    };
  });
}

function readTime(id: string): number | null {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-\d+)?$/.exec(id);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function readList(texts: SecretTexts, kind: Exclude<KeyKind, 'signing'>): readonly NamedKey[] {
  return (texts[LISTS[kind]] ?? '').split(',').map((entry) => {
    const [, id = '', key = ''] = /^\s*([^=]*)=(.*?)\s*$/.exec(entry) ?? [];
    return { id, key };
  });
}

function writeList(
  texts: SecretTexts,
  kind: Exclude<KeyKind, 'signing'>,
  keys: readonly NamedKey[],
): SecretTexts {
  return { ...texts, [LISTS[kind]]: keys.map(({ id, key }) => `${id}=${key}`).join(',') };
}

function readJwks(texts: SecretTexts): readonly SigningKey[] {
  return (JSON.parse(texts[SIGNING] ?? '') as { keys: SigningKey[] }).keys;
}

function writeJwks(texts: SecretTexts, keys: readonly SigningKey[]): SecretTexts {
  return { ...texts, [SIGNING]: JSON.stringify({ keys }) };
}

/** RFC 7638: the required members in the order of their names. */
function computeKid({ x, y }: SigningKey): string {
  const members = JSON.stringify({ crv: 'P-256', kty: 'EC', x, y });
  return createHash('sha256').update(members).digest('base64url');
}

function toMilliseconds(seconds: number | undefined): number | null {
  return seconds === undefined ? null : seconds * 1000;
}
