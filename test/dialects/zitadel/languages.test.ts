// In which language an error is told.
import { beforeAll, describe, expect, it } from 'vitest';
import { describeError } from '../../../src/dialects/zitadel/error-answer.ts';
import { EMPTY_PASSWORD } from '../../../src/dialects/zitadel/failure.ts';
import { makeTenant, makeUser, newPassword, type TestTenant } from '../../support/tenant.ts';
import { DOOR_NAMES, type DoorName, setPassword } from '../../support/zitadel-doors.ts';

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await makeTenant();
});

async function tooShort(name: DoorName, language: string) {
  const user = await makeUser(tenant, { withoutPassword: true });
  return setPassword(
    name,
    { userId: user.userId, newPassword: { password: 'short' } },
    { headers: { authorization: `Bearer ${tenant.serviceToken}`, 'accept-language': language } },
  );
}

describe('an error of the service', () => {
  it.each(DOOR_NAMES)(
    'is told in German to who asks for it, message and detail, over %s',
    async (name) => {
      const outcome = await tooShort(name, 'de-AT,de;q=0.9,en;q=0.5');
      const message = 'Passwort ist zu kurz';
      expect(outcome.message).toBe(`${message} (DOMAIN-HuJf6)`);
      expect(outcome.detail).toEqual({ id: 'DOMAIN-HuJf6', message });
      expect(outcome.headers.get('content-language')).toBe('de');
      expect(outcome.headers.get('vary')).toBe('Accept-Language, Origin');
    },
  );

  it('survives the trip with its umlauts', async () => {
    for (const name of DOOR_NAMES) {
      const user = await makeUser(tenant);
      const outcome = await setPassword(
        name,
        {
          userId: user.userId,
          newPassword: { password: newPassword() },
          verification: { case: 'currentPassword', value: 'not the current one' },
        },
        { headers: { authorization: `Bearer ${tenant.readerToken}`, 'accept-language': 'de' } },
      );
      expect([name, outcome.message]).toEqual([name, 'Passwort ist ungültig (COMMAND-3M0fs)']);
    }
  });
});

describe('the language', () => {
  it.each([
    ['', 'en'],
    ['de', 'de'],
    ['DE-ch', 'de'],
    ['de;q=0.1', 'de'],
    ['de;q=0', 'en'],
    ['en;q=0.4, de;q=0.8', 'de'],
    ['de;q=0.4, en;q=0.8', 'en'],
    ['de, en', 'de'],
    ['en-GB, de', 'en'],
    ['fr, de;q=0.3', 'de'],
    ['fr, *;q=0.3', 'en'],
    ['*', 'en'],
    ['*, de;q=0.5', 'en'],
    ['dene', 'en'],
    ['constructor', 'en'],
    [';;,,q=', 'en'],
    [','.repeat(5000), 'en'],
  ])('of "%s" is %s', (header, language) => {
    const { headers } = describeError(EMPTY_PASSWORD, header);
    expect(headers['content-language']).toBe(language);
  });
});
