// The services that are served, method by method. Transports decode, call, and encode.
import type { DescMethod } from '@bufbuild/protobuf';
import type { AnyMethod, Implementation } from './call.ts';
import { SessionService, SettingsService, UserService } from './descriptors.ts';
import { passwordReset, setPassword } from './passwords.ts';
import { createSession, deleteSession, getSession, listSessions, setSession } from './sessions.ts';
import {
  getLockoutSettings,
  getPasswordComplexitySettings,
  getPasswordExpirySettings,
  getSecuritySettings,
} from './settings.ts';
import { getUserByID, listUsers } from './user-queries.ts';
import {
  addHumanUser,
  createUser,
  deactivateUser,
  deleteUser,
  lockUser,
  reactivateUser,
  unlockUser,
  updateHumanUser,
  updateUser,
} from './users.ts';

const users = {
  addHumanUser,
  createUser,
  getUserByID,
  listUsers,
  updateUser,
  updateHumanUser,
  deactivateUser,
  reactivateUser,
  lockUser,
  unlockUser,
  deleteUser,
  passwordReset,
  setPassword,
} satisfies Implementation<(typeof UserService)['method']>;

const sessions = {
  listSessions,
  getSession,
  createSession,
  setSession,
  deleteSession,
} satisfies Implementation<(typeof SessionService)['method']>;

const settings = {
  getPasswordComplexitySettings,
  getPasswordExpirySettings,
  getLockoutSettings,
  getSecuritySettings,
} satisfies Implementation<(typeof SettingsService)['method']>;

const served = new Map<string, object>([
  [UserService.typeName, users],
  [SessionService.typeName, sessions],
  [SettingsService.typeName, settings],
]);

/** What serves the method; null when nothing does. */
export function findMethod(method: DescMethod): AnyMethod | null {
  const methods = served.get(method.parent.typeName) ?? {};
  if (!Object.hasOwn(methods, method.localName)) return null;
  // The transports pass the message of the method's own input type, which the descriptor gave them.
  return (methods as Readonly<Record<string, AnyMethod>>)[method.localName] ?? null;
}
