// SettingsService, as far as it speaks of passwords and sign-in: what the tenant's policy says, in the vendor's words.
import { create, type DescMethod, type Message } from '@bufbuild/protobuf';
import type { RequestContext } from '@zitadel/proto/zitadel/object/v2/object_pb.js';
import type {
  GetLockoutSettingsRequest,
  GetPasswordComplexitySettingsRequest,
  GetPasswordExpirySettingsRequest,
  GetSecuritySettingsRequest,
} from '@zitadel/proto/zitadel/settings/v2/settings_service_pb.js';
import { fail, ok } from '../../core/result.ts';
import { type Answer, type Call, enter, type Success } from './call.ts';
import { SettingsService } from './descriptors.ts';
import { describeFailure, describeUnserved } from './failure.ts';

/** RESOURCE_OWNER_TYPE_ORG: zitadel/settings/v2/settings.proto. */
const OWNED_BY_ORGANISATION = 2;

/** Seconds. */
const DAY = 24 * 3600;

export async function getPasswordComplexitySettings(
  request: GetPasswordComplexitySettingsRequest,
  call: Call,
) {
  const method = SettingsService.method.getPasswordComplexitySettings;
  const read = await readSettings(method, request, call);
  if (!read.ok) return read;
  const { minLength, requireClasses } = read.value.policy;
  return ok(
    create(method.output, {
      details: toSettingsDetails(read.value),
      settings: {
        minLength: BigInt(minLength),
        requiresUppercase: requireClasses.includes('upper'),
        requiresLowercase: requireClasses.includes('lower'),
        requiresNumber: requireClasses.includes('digit'),
        requiresSymbol: requireClasses.includes('symbol'),
        resourceOwnerType: OWNED_BY_ORGANISATION,
      },
    }),
  );
}

/** Whole days, never more than there are; 0, where passwords do not grow old, is no end. */
export async function getPasswordExpirySettings(
  request: GetPasswordExpirySettingsRequest,
  call: Call,
) {
  const method = SettingsService.method.getPasswordExpirySettings;
  const read = await readSettings(method, request, call);
  if (!read.ok) return read;
  return ok(
    create(method.output, {
      details: toSettingsDetails(read.value),
      settings: {
        maxAgeDays: BigInt(Math.floor((read.value.maxAge ?? 0) / DAY)),
        resourceOwnerType: OWNED_BY_ORGANISATION,
      },
    }),
  );
}

/** After so many wrong passwords in a row a user must wait; nobody is locked out for good. */
export async function getLockoutSettings(request: GetLockoutSettingsRequest, call: Call) {
  const method = SettingsService.method.getLockoutSettings;
  const read = await readSettings(method, request, call);
  if (!read.ok) return read;
  return ok(
    create(method.output, {
      details: toSettingsDetails(read.value),
      settings: {
        maxPasswordAttempts: BigInt(read.value.freeGuesses),
        resourceOwnerType: OWNED_BY_ORGANISATION,
      },
    }),
  );
}

/** No page of ours can be framed, and nobody acts as another. */
export async function getSecuritySettings(request: GetSecuritySettingsRequest, call: Call) {
  const method = SettingsService.method.getSecuritySettings;
  const read = await readSettings(method, request, call);
  if (!read.ok) return read;
  return ok(
    create(method.output, {
      details: toSettingsDetails(read.value),
      settings: { embeddedIframe: { enabled: false }, enableImpersonation: false },
    }),
  );
}

async function readSettings(
  method: DescMethod,
  request: Message & { readonly ctx?: RequestContext },
  call: Call,
): Answer<Success<'readSettings'>> {
  const owner = request.ctx?.resourceOwner;
  const fault =
    owner?.case === 'instance' ? describeUnserved('a setting of the whole instance') : null;
  const entered = await enter(method, request, call, fault);
  if (!entered.ok) return entered;
  const read = await call.gateway.readSettings({
    caller: entered.value,
    organisationId: owner?.case === 'orgId' ? owner.value : null,
  });
  return read.ok ? read : fail(describeFailure(read.failure));
}

function toSettingsDetails({ tenantId }: Success<'readSettings'>) {
  return { resourceOwner: tenantId };
}
