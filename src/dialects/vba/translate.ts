// VBA's credentials as the core wants them, and the core's answers as VBA's data. Pure.
import { readBase64, readUtf8 } from '../../core/bytes.ts';
import type { Gateway } from '../../core/gateway.ts';
import { basicUserId } from './schema.ts';

type Success<Operation extends keyof Gateway> = Extract<
  Awaited<ReturnType<Gateway[Operation]>>,
  { ok: true }
>['value'];
type SignedIn = Success<'signIn'>;
type Session = Success<'refresh'>;

/** "Basic base64(userID:password)" in UTF-8 (RFC 7617); null when it is anything else. */
export function readBasic(
  header: string | undefined,
): { readonly userId: string; readonly password: string } | null {
  const token = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '')?.[1];
  const bytes = token === undefined ? null : readBase64(token);
  const text = bytes === null ? null : readUtf8(bytes);
  const colon = text?.indexOf(':') ?? -1;
  if (text === null || colon < 1) return null;
  const userId = text.slice(0, colon);
  return basicUserId.safeParse(userId).success ? { userId, password: text.slice(colon + 1) } : null;
}

export function fromSignedIn(signedIn: SignedIn) {
  return signedIn.kind === 'session'
    ? fromSession(signedIn.session)
    : {
        challengeName: 'NEW_PASSWORD_REQUIRED',
        session: signedIn.session,
        authenticationResult: null,
      };
}

export function fromSession(session: Session) {
  const { accessToken, idToken, refreshToken, expiresIn } = session;
  return {
    challengeName: null,
    session: null,
    authenticationResult: { accessToken, idToken, refreshToken, expiresIn },
  };
}
