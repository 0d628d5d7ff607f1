// Text that must be read again by us alone: sealed by AES-256-GCM, bound to what it belongs to.
// Form: <pepper id>.<iv ‖ ciphertext>, base64 without padding.
import { readBase64, readUtf8, toBase64, utf8 } from './bytes.ts';
import type { Keyring, SealPurpose } from './keyring.ts';
import type { Random } from './ports.ts';

const IV_BYTES = 12;

/** `context`: whose it is. A text copied to another row does not open there. */
export async function sealText(
  keyring: Keyring,
  random: Random,
  purpose: SealPurpose,
  context: readonly string[],
  text: string,
): Promise<string> {
  const { id, key } = await keyring.seals[purpose].active();
  const iv = random.bytes(IV_BYTES);
  const additionalData = bindContext(purpose, id, context);
  const ciphertext = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData },
    key,
    utf8(text),
  );
  const sealed = new Uint8Array(IV_BYTES + ciphertext.byteLength);
  sealed.set(iv);
  sealed.set(new Uint8Array(ciphertext), IV_BYTES);
  return `${id}.${toBase64(sealed)}`;
}

/** null for what was not sealed for this purpose and context, or under a pepper that is gone. */
export async function openText(
  keyring: Keyring,
  purpose: SealPurpose,
  context: readonly string[],
  sealed: string,
): Promise<string | null> {
  const [, id, text] = /^([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9+/]+)$/.exec(sealed) ?? [];
  if (id === undefined || text === undefined) return null;
  const key = await keyring.seals[purpose].find(id);
  const bytes = readBase64(text);
  if (key === null || bytes === null) return null;
  const iv = bytes.slice(0, IV_BYTES);
  const additionalData = bindContext(purpose, id, context);
  try {
    const opened = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv, additionalData },
      key,
      bytes.slice(IV_BYTES),
    );
    return readUtf8(new Uint8Array(opened));
  } catch {
    return null;
  }
}

/** The same text under the active key: `sealed` itself when it is under no old one, null when it does not open. */
export async function resealText(
  keyring: Keyring,
  random: Random,
  purpose: SealPurpose,
  context: readonly string[],
  sealed: string,
): Promise<string | null> {
  if (!keyring.pepper.isOld(sealed.split('.', 1)[0] ?? '')) return sealed;
  const text = await openText(keyring, purpose, context, sealed);
  return text === null ? null : sealText(keyring, random, purpose, context, text);
}

/** JSON, since a separator could occur in an id. */
function bindContext(
  purpose: SealPurpose,
  keyId: string,
  context: readonly string[],
): Uint8Array<ArrayBuffer> {
  return utf8(JSON.stringify([purpose, keyId, ...context]));
}
