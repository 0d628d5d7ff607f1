// The comparison with a range of breached hashes: what is asked, and what an answer means.
import { describe, expect, it } from 'vitest';
import { askBreaches } from '../../../src/core/screening/breaches.ts';

/** SHA-1 of "password", as everybody knows it. */
const [PREFIX, REST] = ['5BAA6', '1E4C9B93F3F0682250B6CF8331B7EE68FD8'];
const OTHER = '0018A45C4D1DEF81644B54AB7F969B88D65';

async function ask(range: string | null, password = 'password') {
  const asked: string[] = [];
  const verdict = await askBreaches(async (prefix) => {
    asked.push(prefix);
    return range;
  }, password);
  return { asked, verdict };
}

describe('what is asked', () => {
  it('is the first five digits of the hash', async () => {
    expect((await ask('')).asked).toEqual([PREFIX]);
  });

  it('is of the form that is hashed, in any Unicode form', async () => {
    const [composed, decomposed] = [await ask('', 'caf\u00e9'), await ask('', 'cafe\u0301')];
    expect(decomposed.asked).toEqual(composed.asked);
  });

  it('is nothing where nobody is there to be asked', async () => {
    expect(await askBreaches(null, 'password')).toBe('unknown');
  });
});

describe('an answer', () => {
  it.each<[string, 'breached' | 'clear' | 'unknown', string | null]>([
    ['with the hash', 'breached', `${OTHER}:1\r\n${REST}:9659365\r\n`],
    ['with the hash alone, and no line break', 'breached', `${REST}:1`],
    ['in lower case', 'breached', `${REST.toLowerCase()}:2\n${OTHER}:1`],
    ['with the hash twice, once as padding', 'breached', `${REST}:1\n${REST}:0`],
    ['without the hash', 'clear', `${OTHER}:1`],
    ['with the hash as padding', 'clear', `${OTHER}:1\r\n${REST}:0`],
    ['of nothing', 'clear', ''],
    ['that never came', 'unknown', null],
    ['of another form', 'unknown', '<!doctype html><title>Sign in to this network</title>'],
    ['that breaks off', 'unknown', `${OTHER}:1\r\n${REST.slice(0, 20)}`],
    ['without counts', 'unknown', `${OTHER}\n${REST}`],
    ['with whole hashes', 'unknown', `${PREFIX}${REST}:1`],
    ['with garbage behind the hash', 'unknown', `${REST}:1\nx`],
  ])('%s is %s', async (_, verdict, range) => {
    expect((await ask(range)).verdict).toBe(verdict);
  });
});
