// What no request can show: the source itself is read for what it must not hold.
import { describe, expect, it } from 'vitest';

const sources = import.meta.glob('../../src/**/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const statements = import.meta.glob('../../src/storage/sql-*.ts', { eager: true });

/** What runs in the Worker; the programs of src/node have a process of their own. */
const worker = Object.entries(sources)
  .filter(([path]) => !path.includes('/src/node/'))
  .map(([path, text]) => [path.replace('../../src/', ''), text] as const);

/** Without comments, which may speak of anything. */
function stripComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

/** Each match, with the file that it is in. */
function find(pattern: RegExp): string[] {
  return worker.flatMap(([path, text]) =>
    [...stripComments(text).matchAll(pattern)].map(([match]) => `${path}: ${match.trim()}`),
  );
}

it('the gates read the whole Worker, and would find what they look for', () => {
  expect(worker.length).toBeGreaterThan(100);
  expect(find(/export default \{/g)).toEqual(['index.ts: export default {']);
  expect(stripComments('a // Math.random\nhttps://x /* caches */')).toBe('a \nhttps://x ');
});

describe('A59: SQL', () => {
  it('is text that is whole when the Worker has loaded, before any request', () => {
    expect(Object.keys(statements).length).toBeGreaterThan(5);
    const made: string[] = [];
    const look = (name: string, value: unknown) => {
      if (typeof value === 'function') made.push(name);
      else if (typeof value === 'object' && value !== null) {
        for (const [key, part] of Object.entries(value)) look(`${name}.${key}`, part);
      } else expect([name, typeof value]).toEqual([name, 'string']);
    };
    for (const module of Object.values(statements)) {
      for (const [name, value] of Object.entries(module)) look(name, value);
    }
    // It joins fragments while the modules load, and is given nothing else.
    expect(made).toEqual(['mapCallers']);
    expect(find(/mapCallers\((?!\()\S*/g).filter((match) => !/sql-\w+\.ts/.test(match))).toEqual(
      [],
    );
  });

  it('is written in storage/sql-*.ts alone, and handed on by name', () => {
    const verbs = /['"`]\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO|PRAGMA|WITH)\s/g;
    expect(find(verbs).filter((match) => !match.startsWith('storage/sql-'))).toEqual([]);
    expect(find(/\bsql: [^,\n]*[`'"+][^,\n]*/g)).toEqual([]);
    expect(find(/\bprepare\([^)]*\)|\bdatabase\.exec\(/g)).toEqual(['storage/d1.ts: prepare(sql)']);
  });
});

describe('A78: randomness', () => {
  it('is that of the platform, drawn at one place', () => {
    expect(find(/Math\.random/g)).toEqual([]);
    expect(find(/getRandomValues/g)).toEqual(['index.ts: getRandomValues']);
  });
});

describe('A10, A46: what would answer from before', () => {
  it('is not used: no session of D1 with replicas, no cache', () => {
    expect(find(/withSession|\bcaches\b|cacheTtl|cacheEverything|hono\/cache/g)).toEqual([]);
  });
});

describe('A11: what requests could share', () => {
  it('is no variable of a module, but what was made of an environment', () => {
    expect(find(/^(?:export )?(?:let|var) .*/gm)).toEqual([]);
    const kept = worker.flatMap(([path, text]) =>
      [
        ...text.matchAll(
          /^(?:export )?const (\w+)[^=\n]*=\s*(?:new (?:Weak)?(?:Map|Set)\b|\[|\{)/gm,
        ),
      ]
        .map(([, name = '']) => name)
        .filter((name) =>
          new RegExp(
            `\\b${name}(?:\\.(?:set|add|delete|push|splice|clear)\\(|\\[[^\\]]*\\] = )`,
          ).test(text),
        )
        .map((name) => `${path}: ${name}`),
    );
    // By the environment, of which an isolate has one: the app, its keys and its databases.
    expect(kept).toEqual(['index.ts: made']);
  });
});

describe('A29: secrets', () => {
  it('are compared byte by byte in one time, or looked up by their hash', () => {
    const kept = /(?:hash|mac|digest|signature|secret|token|tag|pepper|otp|password)(?:\(.*)?$/i;
    const plain = /^(?:null|undefined|true|false|\d+)$/;
    const compared = find(/[\w.?()]+ [!=]==? [\w.?()]+/g).filter((match) => {
      const [, left = '', , right = ''] = match.split(' ');
      const operands = [left.replace(/^\(+/, ''), right];
      return (
        operands.some((each) => kept.test(each)) &&
        !operands.some((each) => plain.test(each.replace(/\)+$/, '')))
      );
    });
    // Seals of the audit that stand there already, and a sealed text beside itself: no secret is told by the time. The new
    // password beside the old one that the same request brings: neither is a secret to its sender.
    expect(compared).toEqual([
      'core/audit-verifier.ts: mac === event.mac))',
      'core/rewrap.ts: sealedSecret === old)',
      'core/secret.ts: normalisePassword(secret.text) === normalisePassword(password)',
    ]);
  });
});

describe('A60, A76: the log', () => {
  it('is written at one place', () => {
    expect(find(/\bconsole\b/g)).toEqual(['log.ts: console']);
  });
});

describe('A13, A62, A63: addresses', () => {
  it('are called by the webhook and the range of breached hashes alone, which follow no redirect', () => {
    expect(find(/(?<![\w.])fetch\(/g).filter((match) => !match.startsWith('index.ts'))).toEqual([
      'breaches/range.ts: fetch(',
      'delivery/webhook.ts: fetch(',
    ]);
    expect(find(/redirect: '\w+'/g)).toEqual([
      "breaches/range.ts: redirect: 'manual'",
      "delivery/webhook.ts: redirect: 'manual'",
    ]);
    expect(find(/\.redirect\(|Response\.redirect|x-forwarded|x-original-url/gi)).toEqual([]);
  });
});

describe('A65: cookies', () => {
  it('are neither set nor read', () => {
    expect(find(/set-cookie|hono\/cookie|header\('cookie'\)|localStorage/gi)).toEqual([]);
  });
});
