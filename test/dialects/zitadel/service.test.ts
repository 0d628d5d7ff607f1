// Which methods are served, and that their messages are in the descriptors that the Worker carries.
import { expect, it } from 'vitest';
import { SERVICES } from '../../../src/dialects/zitadel/descriptors.ts';
import { findMethod } from '../../../src/dialects/zitadel/service.ts';

const METHODS = SERVICES.flatMap((service) => service.methods);

it('serves what the contract names', () => {
  const served = METHODS.filter((method) => findMethod(method) !== null);
  expect(served.map(({ name }) => name).sort()).toEqual([
    'AddHumanUser',
    'CreateSession',
    'CreateUser',
    'DeactivateUser',
    'DeleteSession',
    'DeleteUser',
    'GetLockoutSettings',
    'GetPasswordComplexitySettings',
    'GetPasswordExpirySettings',
    'GetSecuritySettings',
    'GetSession',
    'GetUserByID',
    'ListSessions',
    'ListUsers',
    'LockUser',
    'PasswordReset',
    'ReactivateUser',
    'SetPassword',
    'SetSession',
    'UnlockUser',
    'UpdateHumanUser',
    'UpdateUser',
  ]);
});

it.each(METHODS.map((method) => [method.name, method] as const))(
  '%s has its messages when it is served, and none when it is not',
  (_, method) => {
    const isThere = method.input.typeName !== 'google.protobuf.Empty';
    expect(isThere).toBe(findMethod(method) !== null);
    expect(method.output.typeName !== 'google.protobuf.Empty').toBe(isThere);
  },
);
