// Every door through which a password comes in, as its clients knock: one table for what must be so at all of them.
import {
  expectProblemShape,
  expectVbaShape,
  expectZapShape,
  expectZitadelShape,
} from '../input/shapes.ts';
import { type Answer, type Env, send } from './rekey.ts';
import * as t from './tenant.ts';
import { CREATORS, describeHuman, UPDATERS } from './zitadel-users.ts';

export interface World {
  readonly tenant: t.TestTenant;
  /** Of an administrator of the tenant. */
  readonly adminIdToken: string;
  readonly adminToken: string;
}

export async function makeWorld(settings: object = {}): Promise<World> {
  const tenant = await t.makeTenant({ settings });
  const admin = await t.makeUser(tenant, { role: 'admin' });
  const signedIn = await t.vbaSignIn(tenant, admin.userId, admin.password);
  const { idToken, accessToken } = signedIn.body.data.authenticationResult;
  return { tenant, adminIdToken: idToken, adminToken: accessToken };
}

/** `temporary`: the password must be changed. */
export type Prepare = (options: { readonly temporary: boolean }) => Promise<t.TestUser>;
export type Knock = (password: string, on?: Env) => Promise<Answer>;

export interface Violation {
  readonly rule: string;
  readonly detail: string;
}

interface Dialect {
  readonly expectShape: (answer: Answer, path: string) => void;
  /** For programs, as the dialect lists them. */
  readonly readViolations: (answer: Answer) => Violation[] | undefined;
}

export interface Door extends Dialect {
  /** Who chooses the password. */
  readonly by: 'user' | 'administrator';
  /** Whether the user is there before, and has a password. */
  readonly changes: boolean;
  /** Opened once, for as many passwords as are brought. */
  readonly open: (
    world: World,
    prepare?: Prepare,
  ) => Promise<{
    readonly path: string;
    readonly knock: Knock;
    /** Of the user whose password it is; of one that is made, once it was. */
    readonly userId: (answer: Answer) => string;
  }>;
}

interface Opened {
  readonly path: string;
  readonly userId: string | ((answer: Answer) => string);
  readonly body: (password: string) => object;
  readonly token?: string;
}

type Open = (world: World, prepare: Prepare) => Promise<Opened>;

const VBA: Dialect = {
  expectShape: expectVbaShape,
  readViolations: ({ body }) => body.error.violations,
};
const ZAP: Dialect = {
  expectShape: expectZapShape,
  readViolations: ({ body }) => body.violations,
};
const ZITADEL: Dialect = {
  expectShape: expectZitadelShape,
  readViolations: ({ body }) => body.details[1]?.value.violations,
};
const OPERATOR: Dialect = {
  expectShape: expectProblemShape,
  readViolations: ({ body }) => body.violations,
};

function post(path: string, headers: Record<string, string>, body: object, on?: Env) {
  const all = { 'content-type': 'application/json', ...headers };
  return send(path, { method: 'POST', headers: all, body: JSON.stringify(body) }, on);
}

function makeDoor(
  dialect: Dialect,
  kind: Pick<Door, 'by' | 'changes'>,
  open: Open,
  call: (world: World, opened: Opened, password: string, on?: Env) => Promise<Answer>,
): Door {
  return {
    ...dialect,
    ...kind,
    open: async (world, prepare) => {
      const { tenant } = world;
      const make: Prepare = ({ temporary }) => t.makeUser(tenant, { temporary });
      const opened = await open(world, prepare ?? make);
      const { userId, path } = opened;
      return {
        path,
        knock: (password, on) => call(world, opened, password, on),
        userId: typeof userId === 'string' ? () => userId : userId,
      };
    },
  };
}

type Kind = Pick<Door, 'by' | 'changes'>;
const USERS: Kind = { by: 'user', changes: true };
const ADMINS: Kind = { by: 'administrator', changes: true };
const NEW: Kind = { by: 'administrator', changes: false };

function vba(kind: Kind, open: Open): Door {
  return makeDoor(VBA, kind, open, ({ tenant }, { path, token, body }, password, on) => {
    const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return post(path, { ...t.vbaHeaders(tenant), ...bearer }, body(password), on);
  });
}

function zap(kind: Kind, open: Open): Door {
  return makeDoor(
    ZAP,
    kind,
    open,
    ({ tenant, adminToken }, { path, token, body }, password, on) => {
      const headers = { authorization: `Bearer ${token ?? adminToken}` };
      return post(`http://${tenant.host}:8787${path}`, headers, body(password), on);
    },
  );
}

function zitadelChange(
  kind: Kind,
  prove: (world: World, user: t.TestUser) => Promise<object>,
): Door {
  const open: Open = async (world, prepare) => {
    const user = await prepare({ temporary: false });
    const proof = await prove(world, user);
    const body = (password: string) => ({ newPassword: { password }, ...proof });
    return { path: '', userId: user.userId, body };
  };
  return makeDoor(ZITADEL, kind, open, ({ tenant }, { userId, body }, password, on) =>
    t.zitadelChange(tenant.serviceToken, String(userId), body(password), on),
  );
}

function operator(field: 'password' | 'temporaryPassword'): Door {
  const open: Open = async ({ tenant }) => {
    const userId = `made-${t.nextSerial()}`;
    const path = `/tenants/${tenant.orgId}/users`;
    return { path, userId, body: (password) => ({ userId, [field]: password }) };
  };
  return makeDoor(OPERATOR, NEW, open, (_, { path, body }, password, on) =>
    t.admin('POST', path, body(password), on),
  );
}

const resetCode = ({ tenant }: World, { userId }: t.TestUser) => t.resetCode(tenant, userId);

async function signInToVba({ tenant }: World, user: t.TestUser): Promise<string> {
  const signedIn = await t.vbaSignIn(tenant, user.userId, user.password);
  return signedIn.body.data.authenticationResult.idToken;
}

const byPassword = ({ userId, password: currentPassword }: t.TestUser) => ({
  path: `/users/${userId}/change-password`,
  userId,
  body: (newPassword: string) => ({ currentPassword, newPassword }),
});

const byOldPassword = ({ userId, email, password: oldPassword }: t.TestUser) => ({
  path: '/v1/changePassword',
  userId,
  body: (newPassword: string) => ({ userId, email, oldPassword, newPassword }),
});

export const DOORS: Readonly<Record<string, Door>> = {
  'VBA by challenge': vba(USERS, async ({ tenant }, prepare) => {
    const user = await prepare({ temporary: true });
    const session = await t.openChallenge(tenant, user);
    const { userId } = user;
    const body = (newPassword: string) => ({ userID: userId, newPassword, session });
    return { path: '/change-temporary-password', userId, body };
  }),
  'VBA by code': vba(USERS, async (world, prepare) => {
    const user = await prepare({ temporary: false });
    const { userId } = user;
    const proof = { userID: userId, confirmationCode: await resetCode(world, user) };
    const body = (newPassword: string) => ({ ...proof, newPassword });
    return { path: '/confirm-forgot-password', userId, body };
  }),
  'VBA by the current password': vba(USERS, async (world, prepare) => {
    const user = await prepare({ temporary: false });
    return { ...byPassword(user), token: await signInToVba(world, user) };
  }),
  'VBA by an administrator who knows the password': vba(ADMINS, async (world, prepare) => {
    const user = await prepare({ temporary: false });
    return { ...byPassword(user), token: world.adminIdToken };
  }),
  'VBA, a new user': vba(NEW, async ({ adminIdToken: token }) => {
    const userId = `made-${t.nextSerial()}`;
    const body = (temporaryPassword: string) => ({ userID: userId, temporaryPassword });
    return { path: '/users', userId, token, body };
  }),
  'ZAP by the old password': zap(USERS, async ({ tenant }, prepare) => {
    const user = await prepare({ temporary: false });
    return { ...byOldPassword(user), token: await t.zapToken(tenant, user) };
  }),
  'ZAP by an administrator with the old password': zap(ADMINS, async (_, prepare) =>
    byOldPassword(await prepare({ temporary: false })),
  ),
  'ZAP by code': zap(USERS, async (world, prepare) => {
    const user = await prepare({ temporary: false });
    const proof = { identity: user.email, otp: await resetCode(world, user) };
    const body = (newPassword: string) => ({ ...proof, newPassword });
    return { path: '/v1/forgotPassword', userId: user.userId, body };
  }),
  'ZAP, a new user': zap(NEW, async () => {
    const username = `made-${t.nextSerial()}`;
    const email = `${username}@mail.example`;
    const body = (password: string) => ({ username, email, password });
    return { path: '/v1/users', userId: (answer) => answer.body.data.id, body };
  }),
  'ZITADEL by the current password': zitadelChange(USERS, async (_, user) => ({
    currentPassword: user.password,
  })),
  'ZITADEL by code': zitadelChange(USERS, async (world, user) => ({
    verificationCode: await resetCode(world, user),
  })),
  'ZITADEL by authority': zitadelChange(ADMINS, async () => ({})),
  ...Object.fromEntries(
    CREATORS.map(({ name, create, idOf }) => [
      `ZITADEL, ${name}`,
      makeDoor(
        ZITADEL,
        NEW,
        async () => {
          const human = describeHuman();
          const body = (password: string) => ({ ...human, password: { password } });
          return { path: '', userId: idOf, body };
        },
        ({ tenant }, { body }, password, on) =>
          create(tenant.serviceToken, tenant.orgId, body(password), on),
      ),
    ]),
  ),
  ...Object.fromEntries(
    UPDATERS.map(({ name, update }) => [
      `ZITADEL, ${name}`,
      makeDoor(
        ZITADEL,
        ADMINS,
        async (_, prepare) => {
          const { userId } = await prepare({ temporary: false });
          const body = (password: string) => ({ password: { password: { password } } });
          return { path: '', userId, body };
        },
        ({ tenant }, { userId, body }, password, on) =>
          update(tenant.serviceToken, String(userId), body(password), on),
      ),
    ]),
  ),
  'the operator, a password': operator('password'),
  'the operator, a temporary password': operator('temporaryPassword'),
};
