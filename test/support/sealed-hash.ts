// The stored form of pbkdf2c-sha256 written and read by node:crypto: a second implementation of it.
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { Owner } from '../../src/core/password/pbkdf2c.ts';
import type { PepperKey } from './secrets.ts';

const PREFIX = '$pbkdf2c-sha256$';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface SealedHash {
  readonly password: string;
  readonly pepper: PepperKey;
  readonly owner: Owner;
  readonly iterations: number;
  readonly perLink: number;
  /** What is sealed instead of the true output: for costs that no test can pay. */
  readonly output?: Uint8Array;
}

/** PBKDF2 in links, as the design writes it. */
export function deriveChainByHand(
  password: Uint8Array,
  salt: Uint8Array,
  cost: { readonly iterations: number; readonly perLink: number },
): Uint8Array {
  let output = password;
  let left = cost.iterations;
  for (let link = 1; left > 0; link += 1) {
    const suffix = Buffer.alloc(link === 1 ? 0 : 4);
    if (link > 1) suffix.writeUInt32BE(link);
    const iterations = Math.min(left, cost.perLink);
    output = pbkdf2Sync(output, Buffer.concat([salt, suffix]), iterations, 32, 'sha256');
    left -= iterations;
  }
  return output;
}

export function sealByHand(hash: SealedHash): string {
  const salt = randomBytes(16);
  const output = hash.output ?? deriveChainByHand(Buffer.from(hash.password), salt, hash);
  const params = `i=${hash.iterations},c=${hash.perLink},k=${hash.pepper.id}`;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', hash.pepper.key, iv);
  cipher.setAAD(writeContext(params, hash.owner));
  const sealed = Buffer.concat([iv, cipher.update(output), cipher.final(), cipher.getAuthTag()]);
  return `${PREFIX}${params}$${toBareBase64(salt)}$${toBareBase64(sealed)}`;
}

export interface OpenedHash {
  readonly params: string;
  readonly salt: Buffer;
  readonly iv: Buffer;
  readonly output: Buffer;
}

/** @throws when the form is another one or the seal does not open. */
export function openByHand(stored: string, owner: Owner, pepper: PepperKey): OpenedHash {
  const [before, scheme, params = '', saltText = '', sealedText = '', ...rest] = stored.split('$');
  if (before !== '' || `$${scheme}$` !== PREFIX || rest.length > 0) throw new Error('other form');
  const sealed = Buffer.from(sealedText, 'base64');
  const iv = sealed.subarray(0, IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', pepper.key, iv);
  decipher.setAAD(writeContext(params, owner));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const output = Buffer.concat([
    decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)),
    decipher.final(),
  ]);
  return { params, salt: Buffer.from(saltText, 'base64'), iv, output };
}

function writeContext(params: string, owner: Owner): Buffer {
  return Buffer.from(JSON.stringify([PREFIX, params, owner.tenantId, owner.userId]));
}

function toBareBase64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
