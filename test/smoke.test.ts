import { expect, it } from 'vitest';
import { measure } from './support/rekey.ts';
import * as t from './support/tenant.ts';

it('walks', async () => {
  const tenant = await t.makeTenant();
  const user = await t.makeUser(tenant, { temporary: true });
  const session = await t.openChallenge(tenant, user);
  const pw = t.newPassword();
  const m = await measure((on) =>
    t.vbaChange(tenant, { userID: user.userId, newPassword: pw, session }, on),
  );
  console.log(m.value.status, m.value.text.slice(0, 200), JSON.stringify(m.cost, null, 1));
  const s = await measure((on) => t.vbaSignIn(tenant, user.userId, pw, on));
  console.log(
    s.value.status,
    s.value.text.slice(0, 100),
    s.cost.trips,
    s.cost.links,
    s.value.headers.get('server-timing'),
  );
  const r = await measure((on) => t.vbaRefresh(tenant, s.value.body.data.authenticationResult, on));
  console.log(r.value.status, r.value.text.slice(0, 100), r.cost.trips, r.cost.links);
  const adm = await t.makeUser(tenant, { role: 'admin' });
  const token = await t.zapToken(tenant, adm);
  const pw2 = t.newPassword();
  const z = await measure((on) =>
    t.zapChange(
      tenant,
      token,
      { userId: user.userId, email: user.email, oldPassword: pw, newPassword: pw2 },
      on,
    ),
  );
  console.log(z.value.status, z.value.text, z.cost.trips, z.cost.links);
  const q = await measure((on) =>
    t.zitadelChange(
      tenant.serviceToken,
      user.userId,
      { newPassword: { password: t.newPassword() }, currentPassword: pw2 },
      on,
    ),
  );
  console.log(q.value.status, q.value.text, q.cost.trips, q.cost.links);
  const code = await t.resetCode(tenant, user.userId);
  const qc = await measure((on) =>
    t.zitadelChange(
      tenant.readerToken,
      user.userId,
      { newPassword: { password: t.newPassword() }, verificationCode: code },
      on,
    ),
  );
  console.log(qc.value.status, qc.value.text, qc.cost.trips, qc.cost.links);
  const qa = await measure((on) =>
    t.zitadelChange(
      tenant.serviceToken,
      user.userId,
      { newPassword: { password: t.newPassword() } },
      on,
    ),
  );
  console.log(qa.value.status, qa.value.text, qa.cost.trips, qa.cost.links);
  console.log(await t.readUser(tenant, user.userId), await t.listEvents(tenant, user.userId));
  expect(1).toBe(1);
});
