// The keys of the audit's chain: the first seals, all of them verify. What is sealed says by which: "id.mac".
import { equalBytes, toBase64Url, utf8 } from './bytes.ts';
import { once } from './once.ts';

/** 32 bytes each. */
export type ChainKeys = readonly { readonly id: string; readonly key: Uint8Array<ArrayBuffer> }[];

/** The purpose keeps outputs apart. */
type ChainPurpose = 'event' | 'link' | 'checkpoint';

type Parts = readonly (string | number)[];

export type SealVerdict = 'sealed' | 'altered' | 'key-unknown';

export interface Chain {
  /** HMAC-SHA-256 under the active key over the purpose and the JSON of the parts. */
  seal(purpose: ChainPurpose, ...parts: Parts): Promise<string>;
  verify(sealed: string, purpose: ChainPurpose, ...parts: Parts): Promise<SealVerdict>;
}

export function createChain(keys: ChainKeys): Chain {
  const byId = new Map(keys.map(({ id, key }) => [id, once(() => importChainKey(key))]));
  const active = keys[0]?.id ?? '';
  const seal = async (id: string, purpose: ChainPurpose, parts: Parts) => {
    const key = await byId.get(id)?.();
    if (key === undefined) return null;
    const message = utf8(JSON.stringify([purpose, ...parts]));
    return `${id}.${toBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, message)))}`;
  };
  return {
    seal: async (purpose, ...parts) => {
      const sealed = await seal(active, purpose, parts);
      if (sealed === null) throw new Error('no active chain key');
      return sealed;
    },
    verify: async (sealed, purpose, ...parts) => {
      const expected = await seal(sealed.split('.', 1)[0] ?? '', purpose, parts);
      if (expected === null) return 'key-unknown';
      return equalBytes(utf8(sealed), utf8(expected)) ? 'sealed' : 'altered';
    },
  };
}

function importChainKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}
