// Tokens that other calls need.
import { askFor } from './ask.ts';
import { signIn, signInOverZap } from './calls.ts';
import type { Rekey, User } from './rekey.ts';

/** Of VBA: what its routes after the sign-in want. */
export async function fetchIdToken({ url, tenant }: Rekey, user: User): Promise<string> {
  const { body } = await askFor(200, url, signIn(tenant, 0, user));
  const { data } = JSON.parse(body) as {
    readonly data: { readonly authenticationResult: { readonly idToken: string } };
  };
  return data.authenticationResult.idToken;
}

/** An access token, by ZAP. */
export async function fetchToken({ url, tenant }: Rekey, user: User): Promise<string> {
  const { body } = await askFor(200, url, signInOverZap(tenant, user));
  const { data } = JSON.parse(body) as { readonly data: { readonly token: string } };
  return data.token;
}
