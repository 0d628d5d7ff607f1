// One call of a webhook: what is sent, and that it is signed as the vector of the reference libraries is.
import { Webhook } from 'standardwebhooks';
import { afterEach, expect, it, vi } from 'vitest';
import { callWebhook } from '../../src/delivery/webhook.ts';

const CALL = {
  url: 'https://hooks.example/x?y=1',
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  messageId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: 1_614_265_330_999,
  body: '{"test": 2432232314}',
};

afterEach(() => {
  vi.restoreAllMocks();
});

function watch(answer: () => Response) {
  return vi.spyOn(globalThis, 'fetch').mockImplementation(async () => answer());
}

it('is signed as the vector is, and follows no redirect', async () => {
  const fetched = watch(() => new Response('a text that nobody reads', { status: 302 }));
  expect(await callWebhook(CALL)).toBe(302);
  expect(fetched.mock.calls).toEqual([
    [
      CALL.url,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': CALL.messageId,
          'webhook-timestamp': '1614265330',
          'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
        },
        body: CALL.body,
        redirect: 'manual',
        signal: expect.any(AbortSignal),
      },
    ],
  ]);
});

it('is signed anew for another id, time, body and secret', async () => {
  const fetched = watch(() => new Response(null, { status: 204 }));
  const others = [
    {},
    { messageId: 'msg_2' },
    { at: CALL.at + 1000 },
    { body: 'ü 🔑' },
    { secret: `whsec_${btoa('y'.repeat(24))}` },
  ];
  for (const other of others) expect(await callWebhook({ ...CALL, ...other })).toBe(204);
  const signatures = fetched.mock.calls.map(([, init]) =>
    new Headers(init?.headers).get('webhook-signature'),
  );
  expect(new Set(signatures).size).toBe(others.length);
});

it.each([24, 25, 26, 64])(
  'is found right by a reference library: a key of %d bytes',
  async (bytes) => {
    const fetched = watch(() => new Response(null, { status: 204 }));
    const secret = `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes))))}`;
    const body = '{"text":"ü 🔑"}';
    await callWebhook({ ...CALL, secret, at: Date.now(), body });
    const headers = Object.fromEntries(new Headers(fetched.mock.calls[0]?.[1]?.headers));
    expect(new Webhook(secret).verify(body, headers)).toEqual({ text: 'ü 🔑' });
  },
);

it('is not made without a secret that can be read, and sent nowhere', async () => {
  const fetched = watch(() => new Response(null, { status: 204 }));
  await expect(callWebhook({ ...CALL, secret: 'whsec_' })).rejects.toThrow('no secret');
  expect(fetched).not.toHaveBeenCalled();
});
