// How ZITADEL answers, as its clients see it: the two shapes, and a sender that takes a body as it is.
import { expect } from 'vitest';
import { type Answer, type Env, measure, send } from '../../support/rekey.ts';
import { readUser, type TestTenant, type TestUser, zitadelChange } from '../../support/tenant.ts';

/** HTTP status, numeric code, error id (null: no details), English text. */
export type ErrorRow = readonly [
  status: number,
  code: number,
  id: string | null,
  text: string | RegExp,
];

export const WRONG_PASSWORD: ErrorRow = [400, 3, 'COMMAND-3M0fs', 'Password is invalid'];
export const PASSWORD_EMPTY: ErrorRow = [400, 3, 'COMMAND-3M0fs', 'Password is empty'];
export const UNKNOWN_USER: ErrorRow = [404, 5, 'COMMAND-G8dh3', 'Password not found'];
export const NOT_PERMITTED: ErrorRow = [403, 7, 'AUTH-AWfge', 'No matching permissions found'];
export const NO_MEMBERSHIP: ErrorRow = [404, 5, 'AUTHZ-cdgFk', 'membership not found'];
export const INVALID_TOKEN: ErrorRow = [401, 16, 'AUTH-7fs1e', 'Errors.Token.Invalid'];
export const MISSING_HEADER: ErrorRow = [401, 16, null, 'auth header missing'];
export const WRONG_ORGANISATION: ErrorRow = [403, 7, 'AUTH-Bs7Ds', "Organisation doesn't exist"];
export const WRONG_CODE: ErrorRow = [400, 3, 'CODE-woT0xc', 'Code is invalid'];
export const EXPIRED_CODE: ErrorRow = [400, 9, 'CODE-QvUQ4P', 'Code is expired'];
export const NO_CODE: ErrorRow = [400, 9, 'COMMAND-2M9fs', 'Code not found'];
export const UNIMPLEMENTED: ErrorRow = [501, 12, null, /./];
/** The words are ours; that they quote nothing is asserted where it matters. */
export const MALFORMED: ErrorRow = [400, 3, null, /malformed/];

const STRUCT = 'type.googleapis.com/google.protobuf.Struct';

/** The whole body: nothing more is in it than the vendor sends, but the broken rules of a password. */
export function expectError(answer: Answer, [status, code, id, text]: ErrorRow): void {
  const details = answer.body.details?.filter(
    (detail: Readonly<Record<string, unknown>>) => detail['@type'] !== STRUCT,
  );
  expect([answer.status, answer.text]).toEqual([status, expect.any(String)]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json(;|$)/);
  expect({ ...answer.body, details }).toEqual({
    code,
    message: text instanceof RegExp ? expect.stringMatching(text) : joinId(text, id),
    details:
      id === null
        ? []
        : [{ '@type': 'type.googleapis.com/zitadel.v1.ErrorDetail', id, message: text }],
  });
}

function joinId(text: string, id: string | null): string {
  return id === null ? text : `${text} (${id})`;
}

/** The only success shape of a change, with no other key. */
export function expectDetails(answer: Answer, tenant: TestTenant): void {
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json(;|$)/);
  expect(answer.body).toEqual({
    details: {
      sequence: expect.stringMatching(/^[1-9]\d*$/),
      changeDate: expect.stringMatching(
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}|\.\d{6}|\.\d{9})?Z$/,
      ),
      resourceOwner: tenant.orgId,
    },
  });
}

/** A body as it is, with no content type and no authorization unless they are given. */
export function post(
  path: string,
  body: string | null,
  headers: Record<string, string> = {},
  on?: Env,
): Promise<Answer> {
  return send(`/v2/users/${path}`, { method: 'POST', headers, body }, on);
}

export function bearer(token: string, more: Record<string, string> = {}): Record<string, string> {
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more };
}

/** A change that is refused at no cost, and nothing of `user` changes. */
export async function expectRefusedForFree(
  tenant: TestTenant,
  user: TestUser,
  change: {
    readonly userId: string;
    readonly body: unknown;
    readonly row: ErrorRow;
    readonly token?: string | undefined;
  },
): Promise<void> {
  const { userId, body, row, token = tenant.serviceToken } = change;
  const before = await readUser(tenant, user.userId);
  const { value, cost } = await measure((on) => zitadelChange(token, userId, body, on));
  expectError(value, row);
  expect(cost.links).toBe(0);
  expect(await readUser(tenant, user.userId)).toEqual(before);
}
