// The operator's requests into the core's commands, and the core's answers into JSON. Pure.
import type { Gateway } from '../../core/gateway.ts';
import type { CreateTenantBody, CreateUserBody, SettingsBody, UpdateTenantBody } from './schema.ts';

type CreateTenant = Parameters<Gateway['createTenant']>[0];
type Delivery = NonNullable<CreateTenant['delivery']>;
type UpdateTenant = Parameters<Gateway['updateTenant']>[0];
type CreateUser = Parameters<Gateway['createUser']>[0];
export type Success<Operation extends keyof Gateway> = Extract<
  Awaited<ReturnType<Gateway[Operation]>>,
  { ok: true }
>['value'];

export function toCreateTenant(body: CreateTenantBody): CreateTenant {
  const { name, orgId, clientId, clientCode, database, hosts, settings } = body;
  return {
    name,
    ...(orgId === undefined ? {} : { organisationId: orgId }),
    clientId,
    clientCode,
    database,
    hosts: [...new Set(hosts)],
    ...toSettings(settings ?? {}),
  };
}

function toSettings(given: SettingsBody): Pick<CreateTenant, 'settings' | 'delivery'> {
  const { delivery, ...settings } = given;
  return {
    settings: settings as CreateTenant['settings'],
    ...(delivery === undefined ? {} : { delivery: toDelivery(delivery) }),
  };
}

function toDelivery(given: NonNullable<SettingsBody['delivery']>): Delivery {
  const { webhookUrl: url, webhookSecret: secret, emailFrom: email } = given;
  return {
    ...(email === undefined ? {} : { email }),
    ...(url === undefined || secret === undefined ? {} : { webhook: { url, secret } }),
  };
}

/** Settings that are null go back to their defaults. */
export function toUpdateTenant(organisationId: string, body: UpdateTenantBody): UpdateTenant {
  const { delivery, ...settings } = body.settings;
  return {
    organisationId,
    settings: settings as UpdateTenant['settings'],
    ...(delivery === undefined ? {} : { delivery: delivery && toDelivery(delivery) }),
  };
}

export function toCreateUser(organisationId: string, body: CreateUserBody): CreateUser {
  return {
    caller: { kind: 'operator', organisationId },
    organisationId: null,
    ...(body.userId === undefined ? {} : { userId: body.userId }),
    username: body.username ?? null,
    email: body.email ?? null,
    phone: body.phone ?? null,
    name: body.name ?? null,
    profile: {},
    role: body.role ?? 'user',
    initial: toInitialPassword(body),
  };
}

function toInitialPassword(body: CreateUserBody): CreateUser['initial'] {
  const { password, temporaryPassword } = body;
  const text = password ?? temporaryPassword;
  if (text !== undefined) {
    const mustChange = password === undefined;
    return { kind: 'given', secret: { kind: 'password', text }, mustChange };
  }
  return { kind: body.generateTemporaryPassword === true ? 'generated' : 'none' };
}

export function fromTenant({
  id,
  name,
  clientId,
  clientCode,
  database,
  settings: { delivery, ...settings },
}: Success<'createTenant'>) {
  // The secret stays, sealed as it is.
  const shown = delivery && {
    delivery: {
      ...(delivery.webhook && { webhookUrl: delivery.webhook.url }),
      ...(delivery.email && { emailFrom: delivery.email }),
    },
  };
  return { orgId: id, name, clientId, clientCode, database, settings: { ...settings, ...shown } };
}

export function fromCreatedUser({ account, temporaryPassword }: Success<'createUser'>) {
  return { userId: account.userId, ...(temporaryPassword === null ? {} : { temporaryPassword }) };
}

export function fromUserStatus(user: Success<'readUser'>) {
  return {
    ...user,
    lockedUntil: user.lockedUntil === null ? null : toTime(user.lockedUntil),
    changedAt: toTime(user.changedAt),
    // A string, as ZITADEL writes it: the same number in both doors.
    sequence: String(user.sequence),
  };
}

export function fromIssuedCode({ code, expiresAt }: Success<'issueCode'>) {
  return { code, expiresAt: toTime(expiresAt) };
}

export function fromMessages({ deadLetters, ...counts }: Success<'readMessages'>) {
  return {
    ...counts,
    deadLetters: deadLetters.map(({ createdAt, failedAt, ...letter }) => ({
      ...letter,
      createdAt: toTime(createdAt),
      failedAt: toTime(failedAt),
    })),
  };
}

export function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
