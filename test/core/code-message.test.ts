// A fresh code with its message: how long it lives, and which link it brings.
import { describe, expect, it } from 'vitest';
import { type CodeWish, describeNewCode } from '../../src/core/code-message.ts';
import type { Core } from '../../src/core/context.ts';
import { MESSAGE_LIMIT, openMessage } from '../../src/core/outbox.ts';
import { chooseSettings, type SettingsChoice } from '../../src/core/tenant.ts';
import { platformRandom } from '../support/secrets.ts';
import { context, NOW, SUBJECT } from '../support/tokens.ts';

/** What is used, and nothing else. */
const core = {
  ports: { random: platformRandom },
  config: { keyring: context.keyring },
} as unknown as Core;
const { account } = SUBJECT;
const EMAIL = { channel: 'email', address: 'mike@mail.example' } as const;
const SMS = { channel: 'sms', address: '+1555' } as const;
const RESET_URL = 'https://login.example/reset?user={{.UserID}}&code={{.Code}}';
const WISH: CodeWish = {
  ...{ purpose: 'reset', format: 'letters', to: EMAIL, urlTemplate: null },
  ...{ actor: { kind: 'anonymous' }, limit: MESSAGE_LIMIT },
};

async function make(wish: Partial<CodeWish>, settings: SettingsChoice) {
  const tenant = { ...SUBJECT.tenant, settings: chooseSettings(settings) };
  const made = await describeNewCode(core, { tenant }, account, { ...WISH, ...wish }, NOW);
  if (!made.ok) return made.failure;
  const issued = made.value.find((write) => write.kind === 'issue-code');
  const sent = made.value.find((write) => write.kind === 'send-message');
  if (issued === undefined || sent === undefined) throw new Error('no code, or no message');
  const { id, payload } = sent.message;
  const ref = { tenantId: tenant.id, userId: account.userId, id };
  const body = (await openMessage(context.keyring, ref, payload)) ?? '';
  const { data } = JSON.parse(body) as { data: { code: string; url: string | null } };
  return { life: (issued.expiresAt - NOW) / 1000, ...data };
}

describe('the life of a code', () => {
  it.each([
    [EMAIL, 3600, 3600],
    [EMAIL, 60, 60],
    [SMS, 3600, 600],
    [SMS, 60, 60],
  ])('to %o, where the tenant lets codes live %i seconds, is %i', async (to, codeLife, life) => {
    expect(await make({ to }, { codeLife })).toMatchObject({ life });
  });
});

describe('the link of a code', () => {
  it("is the tenant's own, or that of the request at the same origin", async () => {
    const own = await make({}, { resetUrl: RESET_URL });
    if (typeof own === 'string') throw new Error(own);
    expect(own.url).toBe(`https://login.example/reset?user=user-1&code=${own.code}`);
    const urlTemplate = 'https://login.example/other/{{.Code}}';
    const asked = await make({ urlTemplate }, { resetUrl: RESET_URL });
    if (typeof asked === 'string') throw new Error(asked);
    expect(asked.url).toBe(`https://login.example/other/${asked.code}`);
  });

  it('is at no other origin, nor at any where the tenant has none', async () => {
    const urlTemplate = 'https://evil.example/{{.Code}}';
    expect(await make({ urlTemplate }, { resetUrl: RESET_URL })).toBe('origin');
    expect(await make({ urlTemplate }, {})).toBe('origin');
  });

  it('is none where nobody has a template, and with a code of another purpose', async () => {
    expect(await make({}, {})).toMatchObject({ url: null });
    const otp = await make({ purpose: 'secure-otp' }, { resetUrl: RESET_URL });
    expect(otp).toMatchObject({ url: null });
  });
});
