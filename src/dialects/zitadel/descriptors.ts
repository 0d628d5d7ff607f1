// The vendor's services and messages, as its package @zitadel/proto describes them. Its types are used as they are;
// its descriptors come from descriptors.bin, which holds the same without the prose (npm run descriptors).
import type { DescMethod, DescService } from '@bufbuild/protobuf';
import type {
  StructSchema as StructType,
  TimestampSchema as TimestampType,
} from '@bufbuild/protobuf/wkt';
import type {
  CredentialsCheckErrorSchema as CredentialsCheckErrorType,
  ErrorDetailSchema as ErrorDetailType,
} from '@zitadel/proto/zitadel/message_pb.js';
import type { UserAgentSchema as UserAgentType } from '@zitadel/proto/zitadel/session/v2/session_pb.js';
import type { SessionService as SessionServiceType } from '@zitadel/proto/zitadel/session/v2/session_service_pb.js';
import type { SettingsService as SettingsServiceType } from '@zitadel/proto/zitadel/settings/v2/settings_service_pb.js';
import type { UserService as UserServiceType } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import bytes from './descriptors.bin';
import { readHttp, readRegistry } from './registry.ts';

const registry = readRegistry(new Uint8Array(bytes));

export const UserService = find<typeof UserServiceType>('zitadel.user.v2.UserService');
export const SessionService = find<typeof SessionServiceType>('zitadel.session.v2.SessionService');
export const SettingsService = find<typeof SettingsServiceType>(
  'zitadel.settings.v2.SettingsService',
);
export const SERVICES: readonly DescService[] = [UserService, SessionService, SettingsService];

export const ErrorDetailSchema = find<typeof ErrorDetailType>('zitadel.v1.ErrorDetail');
export const CredentialsCheckErrorSchema = find<typeof CredentialsCheckErrorType>(
  'zitadel.v1.CredentialsCheckError',
);

export const UserAgentSchema = find<typeof UserAgentType>('zitadel.session.v2.UserAgent');

export const TimestampSchema = find<typeof TimestampType>('google.protobuf.Timestamp');
export const StructSchema = find<typeof StructType>('google.protobuf.Struct');

const HTTP_OK = 200;

/** The HTTP status of the method's success over REST. */
export function readSuccessStatus(method: DescMethod): number {
  return readHttp(method).status ?? HTTP_OK;
}

/** The types are the package's: that the descriptors are the same is shown by a test. */
function find<Desc>(name: string): Desc {
  const desc = registry.get(name);
  if (desc === undefined) throw new Error(`descriptors.bin has no ${name}`);
  return desc as Desc;
}
