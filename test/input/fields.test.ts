// Every field of every door with what it must not be: the wrong type, nothing, or text that no value can be.
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { type Door, type DoorName, expectRefused, forEach, knock, openDoors } from './doors.ts';

cheapenHashes();

let doors: Record<DoorName, Door>;

beforeAll(async () => {
  doors = await openDoors();
});

/** Raw JSON, so that what JSON.stringify would mend stays broken. null: the field is left out. */
type Raw = readonly [label: string, raw: string | null];

const ABSENT: readonly Raw[] = [
  ['missing', null],
  ['null', 'null'],
  ['empty', '""'],
];
const SCALARS: readonly Raw[] = [
  ['a number', '7'],
  ['a number beyond all', '1e400'],
  ['true', 'true'],
];
const LISTS: readonly Raw[] = [
  ['an empty list', '[]'],
  ['a list of one', '["canary in a list"]'],
  ['a list of two', '["canary in a list","another canary"]'],
];
const OBJECTS: readonly Raw[] = [
  ['an empty object', '{}'],
  ['an operator', '{"$gt":""}'],
  ['a nested operator', '{"$not":{"$eq":"canary"}}'],
  ['an object with a method', '{"toString":"canary","valueOf":1}'],
  ['an object with a prototype', '{"__proto__":{"polluted":"canary","length":20}}'],
  ['an object with a length', '{"length":20,"0":"c"}'],
];
const TEXTS: readonly Raw[] = [
  ['a lone surrogate', '"a long canary \\ud800"'],
  ['two surrogates in the wrong order', '"a long canary \\udc00\\ud800"'],
  ['a NUL', '"a long canary \\u0000"'],
];
const LONG: readonly Raw[] = [
  ['201 code points', `"canary ${'x'.repeat(194)}"`],
  ['201 code points beyond the basic plane', `"canary ${'🔑'.repeat(194)}"`],
  ['15 KiB', `"canary ${'x'.repeat(15 * 1024)}"`],
];
const TYPES = [...SCALARS, ...LISTS, ...OBJECTS];
const ALL = [...ABSENT, ...TYPES, ...TEXTS, ...LONG];
const HUGE = LONG.slice(2);

const TABLE: readonly (readonly [DoorName, field: string, readonly Raw[]])[] = [
  ['VBA change', 'userID', ALL],
  ['VBA change', 'newPassword', ALL],
  ['VBA change', 'session', [...ABSENT, ...TYPES, ...HUGE]],
  ['VBA confirm', 'userID', ALL],
  ['VBA confirm', 'confirmationCode', [...ABSENT, ...TYPES, ...HUGE]],
  ['VBA confirm', 'newPassword', ALL],
  ['VBA user', 'userID', ALL],
  ['VBA user', 'email', [...ABSENT.slice(2), ...TYPES, ...TEXTS, ...LONG]],
  ['VBA user', 'temporaryPassword', [...ABSENT.slice(2), ...TYPES, ...TEXTS, ...LONG]],
  ['ZAP change', 'userId', ALL],
  ['ZAP change', 'email', [...ABSENT, ...TYPES, ...TEXTS, ...HUGE]],
  ['ZAP change', 'oldPassword', ALL],
  ['ZAP change', 'newPassword', ALL],
  ['ZAP change', 'secureOTP', [...ABSENT.slice(1), ...TYPES, ...TEXTS, ...LONG]],
  ['ZAP login', 'identity', [...ABSENT, ...TYPES, ...TEXTS, ...HUGE]],
  ['ZAP login', 'password', ALL],
  ['ZAP reset', 'identity', [...ABSENT, ...TYPES, ...TEXTS, ...HUGE]],
  ['ZAP reset', 'otp', ALL],
  ['ZAP reset', 'newPassword', ALL],
  ['ZAP user', 'username', ALL],
  ['ZAP user', 'email', [...ABSENT, ...TYPES, ...TEXTS, ...LONG]],
  ['ZAP user', 'password', ALL],
  ['ZAP user', 'phoneNumber', [...ABSENT.slice(1), ...TYPES, ...TEXTS, ...LONG]],
  ['ZAP user', 'roleId', [...ABSENT.slice(1), ...TYPES, ...TEXTS, ...LONG]],
  ['ZAP user', 'name', [...ABSENT.slice(1), ...TYPES, ...TEXTS, ...LONG]],
  ['ZITADEL change by password', 'newPassword', [...ABSENT, ...TYPES, ...TEXTS, ...LONG]],
  ['ZITADEL change by password', 'newPassword.password', ALL],
  [
    'ZITADEL change by password',
    'newPassword.changeRequired',
    [...SCALARS.slice(0, 2), ...LISTS, ...OBJECTS, ...TEXTS],
  ],
  ['ZITADEL change by password', 'currentPassword', ALL],
  [
    'ZITADEL change by code',
    'verificationCode',
    [...ABSENT, ...TYPES, ...TEXTS.slice(0, 2), ...LONG],
  ],
  ['ZITADEL reset', 'returnCode', [...SCALARS, ...LISTS, ...TEXTS, ...LONG]],
  ['admin user', 'userId', [...ABSENT.slice(1), ...TYPES, ...TEXTS, ...LONG]],
  ['admin user', 'username', [...ABSENT.slice(1), ...TYPES, ...TEXTS, ...LONG]],
  ['admin user', 'email', [...ABSENT.slice(1), ...TYPES, ...TEXTS, ...LONG]],
  ['admin user', 'role', [...ABSENT.slice(1), ...TYPES, ...TEXTS, ...LONG]],
  ['admin user', 'password', [...ABSENT.slice(1), ...TYPES, ...TEXTS, ...LONG]],
  ['admin settings', 'settings', [...ABSENT, ...SCALARS, ...LISTS, ...OBJECTS.slice(1), ...TEXTS]],
  ['admin settings', 'settings.codeLife', [...ABSENT.slice(2), ...SCALARS, ...LISTS, ...OBJECTS]],
  ['admin settings', 'settings.resetUrl', [...ABSENT.slice(2), ...TYPES, ...TEXTS, ...LONG]],
  ['admin settings', 'settings.templates', [...SCALARS, ...LISTS, ...OBJECTS.slice(1), ...TEXTS]],
  ['admin settings', 'settings.delivery', [...TYPES, ...TEXTS, ...LONG]],
  ['admin settings', 'settings.notices', [...SCALARS.slice(0, 2), ...LISTS, ...OBJECTS, ...TEXTS]],
  ['admin user', 'generateTemporaryPassword', [...ABSENT.slice(1), ...TYPES, ...TEXTS]],
];

/** The valid body with one field replaced by raw JSON, or left out. */
function withField(valid: Door['valid'], path: string, raw: string | null): string {
  const mark = '@mark@';
  const [outer = '', inner] = path.split('.');
  const value = raw === null ? undefined : mark;
  const whole =
    inner === undefined
      ? { ...valid, [outer]: value }
      : { ...valid, [outer]: { ...(valid[outer] as object), [inner]: value } };
  return JSON.stringify(whole).replace(`"${mark}"`, () => raw ?? '');
}

describe('what is not a value of the field is refused', () => {
  it.each(TABLE)('%s: %s', async (name, field, values) => {
    await forEach(values, (raw) =>
      expectRefused(doors[name], withField(doors[name].valid, field, raw)),
    );
  });
});

describe('the bodies that were varied are taken as they are', () => {
  it.each<[DoorName, number]>([
    ['VBA change', 200],
    ['VBA confirm', 200],
    ['VBA user', 201],
    ['ZAP change', 200],
    ['ZAP reset', 200],
    ['ZAP user', 201],
    ['admin settings', 200],
    ['ZAP login', 200],
    ['ZITADEL change by code', 200],
    ['ZITADEL change by password', 200],
    ['ZITADEL reset', 200],
    ['admin user', 201],
  ])('%s', async (name, status) => {
    const answer = await knock(doors[name], JSON.stringify(doors[name].valid));
    expect([answer.status, answer.text]).toEqual([status, expect.any(String)]);
  });
});
