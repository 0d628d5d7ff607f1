// npm run rekey -- keys …: what there is of keys, and their rotation. It edits the file of the secrets, and never shows one.
import { parseArgs } from 'node:util';
import { readAddress } from './address.ts';
import { Refusal } from './refusal.ts';
import { isClean, type Pass, rewrapAll, rewrapOnce, type Worker } from './rewrap.ts';
import {
  dropKey,
  KEY_KINDS,
  type KeyKind,
  type ListedKey,
  listKeys,
  NEXT_LIFE,
  nameVariable,
  OLD_LIFE,
  rotateKeys,
} from './rotation.ts';
import { findRunning } from './running.ts';
import { readSecretsFile, type SecretsFile, writeSecretsFile } from './secrets-file.ts';
import { findState } from './state.ts';

export const KEYS_USAGE = `Usage:
  npm run rekey -- keys list
  npm run rekey -- keys rotate signing|pepper|mac|chain [--now]
  npm run rekey -- keys rewrap [--url URL]
  npm run rekey -- keys drop pepper ID [--url URL] [--now]
  npm run rekey -- keys drop signing|mac ID [--now]
Each takes --file PATH for secrets elsewhere than in .dev.vars.`;

interface Request {
  readonly words: readonly string[];
  /** null: the local state's. */
  readonly path: string | null;
  readonly url: string | null;
  /** Without the waits that keep a rotation from being noticed. */
  readonly now: boolean;
}

export const KEY_COMMANDS = {
  list: async (args: readonly string[]) => {
    const { path } = readRequest(args, 0);
    const { values } = await openFile(path);
    for (const kind of KEY_KINDS) {
      const lines = listKeys(values, kind).map((key) => `  ${describeKey(key)}\n`);
      process.stdout.write(`${kind} (${nameVariable(kind)})\n${lines.join('')}`);
    }
    return 0;
  },

  rotate: async (args: readonly string[]) => {
    const request = readRequest(args, 1);
    const kind = readKind(request.words[0], KEY_KINDS);
    const file = await openFile(request.path);
    if (!request.now) refuseFreshNext(listKeys(file.values, kind), kind);
    const values = rotateKeys(file.values, kind, Date.now());
    await writeSecretsFile(file, values);
    const lines = listKeys(values, kind).map((key) => `  ${describeKey(key)}\n`);
    process.stdout.write(`Rotated in ${file.path}:\n${lines.join('')}${describeUpload(request)}`);
    if (kind === 'pepper') {
      process.stdout.write(
        'Once every Worker has them: npm run rekey -- keys rewrap, then keys drop pepper ID for each old one.\n',
      );
    }
    return 0;
  },

  rewrap: async (args: readonly string[]) => {
    const request = readRequest(args, 0);
    const file = await openFile(request.path);
    const pass = await rewrapAll(findWorker(file, request));
    process.stdout.write(`${describePass(pass)}Nothing is under an old pepper any more.\n`);
    const old = listKeys(file.values, 'pepper').filter(({ role }) => role === 'old');
    for (const { id } of old) process.stdout.write(`To drop: keys drop pepper ${id}\n`);
    return 0;
  },

  drop: async (args: readonly string[]) => {
    const request = readRequest(args, 2);
    // Whoever verifies the audit needs every key that ever sealed it.
    const kind = readKind(request.words[0], ['signing', 'pepper', 'mac']);
    const id = request.words[1] ?? '';
    const file = await openFile(request.path);
    const values = dropKey(file.values, kind, id);
    const keys = listKeys(file.values, kind);
    if (!request.now) refuseEarlyDrop(keys, kind, id);
    if (kind === 'pepper') {
      const pass = await rewrapOnce(findWorker(file, request));
      process.stdout.write(describePass(pass));
      if (!isClean(pass)) {
        throw new Refusal('Some still needed an old pepper, and are sealed anew now: run it again');
      }
    }
    await writeSecretsFile(file, values);
    process.stdout.write(`Dropped ${id} from ${file.path}.\n${describeUpload(request)}`);
    return 0;
  },
} as const;

function readRequest(args: readonly string[], words: number): Request {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { file: { type: 'string' }, url: { type: 'string' }, now: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (positionals.length !== words) throw new Refusal(KEYS_USAGE);
    const { file: path = null, url = null, now = false } = values;
    return { words: positionals, path, url, now };
  } catch {
    throw new Refusal(KEYS_USAGE);
  }
}

function readKind<Kind extends KeyKind>(word: string | undefined, kinds: readonly Kind[]): Kind {
  const kind = kinds.find((one) => one === word);
  if (kind === undefined) throw new Refusal(KEYS_USAGE);
  return kind;
}

function openFile(path: string | null): Promise<SecretsFile> {
  return readSecretsFile(path ?? findState().secrets);
}

/** A next key that not every Worker has yet would make what those refuse. */
function refuseFreshNext(keys: readonly ListedKey[], kind: KeyKind): void {
  const madeAt = keys.find(({ role }) => role === 'next')?.madeAt ?? null;
  const from = madeAt === null ? 0 : madeAt + NEXT_LIFE;
  if (Date.now() >= from) return;
  throw new Refusal(
    `The next ${kind} key is too new: every Worker must have it first. From ${formatTime(from)} on, or with --now when nothing runs with these secrets, or a key was stolen`,
  );
}

function refuseEarlyDrop(keys: readonly ListedKey[], kind: KeyKind, id: string): void {
  const retiredAt = keys.find((key) => key.id === id)?.retiredAt ?? null;
  const life = kind === 'pepper' ? NEXT_LIFE : OLD_LIFE;
  const from = retiredAt === null ? 0 : retiredAt + life;
  if (Date.now() >= from) return;
  throw new Refusal(
    `It is too early to drop ${id}: what it made may be in use until ${formatTime(from)}. With --now that ends at once`,
  );
}

function findWorker({ values }: SecretsFile, { path, url }: Request): Worker {
  const local = path === null ? (findRunning(findState())?.url ?? null) : null;
  const address = url ?? local;
  if (address === null) {
    throw new Refusal('No Worker to ask: name it by --url https://…, or have npm start running');
  }
  const [active] = listKeys(values, 'pepper');
  return {
    url: readAddress(address),
    adminKey: values['ADMIN_KEY'] ?? '',
    activePepper: active?.id ?? '',
  };
}

function describePass({ resealed, outpaced, unopened }: Pass): string {
  const lines = [`Sealed anew: ${resealed}; changed by somebody else meanwhile: ${outpaced}.\n`];
  if (unopened > 0) {
    lines.push(`${unopened} do not open under any key, and stay as they are.\n`);
  }
  return lines.join('');
}

function describeKey({ id, role, madeAt, retiredAt }: ListedKey): string {
  const made = madeAt === null ? '' : `, made ${formatTime(madeAt)}`;
  const retired = retiredAt === null ? '' : `, retired ${formatTime(retiredAt)}`;
  return `${role.padEnd(6)} ${id}${made}${retired}`;
}

function describeUpload({ path }: Request): string {
  if (path !== null) {
    return `Now upload: npx wrangler secret bulk ${path}\nA minute later every Worker has them.\n`;
  }
  const running = findRunning(findState());
  return running === null
    ? 'npm start takes them.\n'
    : `${running.url} runs with those of before: stop it with Ctrl-C, and npm start again.\n`;
}

function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/:\d\d\.\d+Z$/, 'Z');
}
