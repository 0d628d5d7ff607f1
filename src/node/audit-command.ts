// npm run rekey -- audit export | verify: takes a tenant's audit out, and holds an audit against its chain.
import { once } from 'node:events';
import { parseArgs, parseEnv } from 'node:util';
import { readChainKeys } from '../config.ts';
import { type AuditFault, createAuditVerifier, type Witness } from '../core/audit-verifier.ts';
import { type Chain, createChain } from '../core/chain.ts';
import { readAddress } from './address.ts';
import { readAuditLine } from './audit-record.ts';
import { type AuditDoor, readFile, readInstance } from './audit-source.ts';
import { Refusal } from './refusal.ts';
import type { SecretTexts } from './rotation.ts';
import { findRunning } from './running.ts';
import { readSecretsFile } from './secrets-file.ts';
import { findState, readIfThere } from './state.ts';

const WHOLE = 0;
const BROKEN = 1;

export const AUDIT_USAGE = `Usage:
  npm run rekey -- audit verify FILE … | --tenant ORG …  [--checkpoint NUMBER:ROOT] [--url URL]
  npm run --silent rekey -- audit export --tenant ORG [--url URL] > FILE
Each takes --file PATH for the secrets, which else come from the environment (ADMIN_KEY, CHAIN_KEYS) or .dev.vars.`;

const OPTIONS = {
  tenant: { type: 'string', multiple: true },
  url: { type: 'string' },
  file: { type: 'string' },
  checkpoint: { type: 'string' },
} as const;

/** Its events and checkpoints as NDJSON, to the standard output. */
export async function exportAudit(args: readonly string[]): Promise<number> {
  const { values, files } = readArgs(args);
  const [orgId, ...others] = values.tenant ?? [];
  if (orgId === undefined || others.length + files.length > 0 || values.checkpoint !== undefined) {
    throw new Refusal('audit export wants one --tenant, and perhaps --url');
  }
  const door = await openDoor(values.url, values.file);
  await write({ kind: 'audit', orgId, at: new Date().toISOString() });
  for await (const line of readInstance(door, orgId)) await writeLine(line);
  await write({ kind: 'end' });
  return WHOLE;
}

/** Of files, or of tenants; a checkpoint is one that was kept outside. */
export async function verifyAudit(args: readonly string[]): Promise<number> {
  const { values, files } = readArgs(args);
  const { tenant: tenants = [], checkpoint } = values;
  const count = tenants.length + files.length;
  if (count === 0 || (checkpoint !== undefined && count > 1)) {
    throw new Refusal('audit verify wants --tenant or files; of one alone a --checkpoint');
  }
  const witness = checkpoint === undefined ? null : readWitness(checkpoint);
  const chain = createChain(readChainKeys(await readSecrets('CHAIN_KEYS', values.file)));
  let exitCode = WHOLE;
  for (const path of files) {
    exitCode = Math.max(exitCode, await verify(path, readFile(path), chain, witness));
  }
  const door = tenants.length === 0 ? null : await openDoor(values.url, values.file);
  for (const orgId of door === null ? [] : tenants) {
    const lines = readWhole(door as AuditDoor, orgId);
    exitCode = Math.max(exitCode, await verify(orgId, lines, chain, witness));
  }
  return exitCode;
}

/** As a file of it would be. */
async function* readWhole(door: AuditDoor, orgId: string): AsyncGenerator<string> {
  yield JSON.stringify({ kind: 'audit', orgId, at: new Date().toISOString() });
  yield* readInstance(door, orgId);
  yield JSON.stringify({ kind: 'end' });
}

async function verify(
  name: string,
  lines: AsyncIterable<string>,
  chain: Chain,
  witness: Witness | null,
): Promise<number> {
  let verifier: ReturnType<typeof createAuditVerifier> | null = null;
  let isWhole = false;
  let fault: AuditFault | null = null;
  for await (const text of lines) {
    const line = readAuditLine(text);
    if (line.kind === 'audit') verifier = createAuditVerifier(chain, line.orgId, line.at, witness);
    else if (verifier === null) throw new Refusal(`${name} does not begin as an export does`);
    else if (line.kind === 'event') fault = await verifier.takeEvent(line.event);
    else if (line.kind === 'checkpoint') fault = await verifier.takeCheckpoint(line.checkpoint);
    else isWhole = true;
    if (fault !== null || isWhole) break;
  }
  if (verifier === null || (fault === null && !isWhole)) {
    throw new Refusal(`${name} ends before its end: it is not the whole export`);
  }
  fault ??= verifier.end();
  if (fault !== null) {
    console.log(`${name}: BROKEN at ${describeFault(fault)}`);
    return BROKEN;
  }
  const { events, checkpoints } = verifier.counts;
  const newest = verifier.readNewest();
  const kept = newest === null ? '' : `, the newest ${newest.number}:${newest.root}`;
  console.log(`${name}: whole, ${events} events, ${checkpoints} checkpoints${kept}`);
  return WHOLE;
}

const FAULTS: Readonly<Record<AuditFault['kind'], string>> = {
  altered: 'altered: it does not say what was written',
  reordered: 'reordered: it is not what followed the event before it',
  replayed: 'replayed: it is an event of before, once more',
  missing: 'missing: events after it are there',
  'tail-cut': 'missing: a checkpoint knows it, and the newest events of the user are gone',
  unlinked: 'unlinked for too long: the schedule does not run, or the link was taken away',
  unsealed: 'not sealed for too long: the schedule does not run, or a checkpoint was taken away',
  'checkpoint-differs': 'not what the checkpoint after it knows',
  'checkpoint-altered': 'altered: its root is not over what it says',
  'checkpoint-missing': 'missing',
  'witness-differs': 'not the one that was kept outside',
  foreign: 'of another tenant',
  'key-unknown': 'sealed by a key that CHAIN_KEYS does not name',
};

function describeFault({ kind, userId, at }: AuditFault): string {
  const where =
    userId === null
      ? `checkpoint ${at}`
      : `${userId === '' ? 'the tenant itself' : `user ${JSON.stringify(userId)}`}, event ${at}`;
  return `${where}: ${FAULTS[kind]}`;
}

function readArgs(args: readonly string[]) {
  try {
    const { values, positionals: files } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    });
    return { values, files };
  } catch {
    throw new Refusal(AUDIT_USAGE);
  }
}

function readWitness(text: string): Witness {
  const [, number, root] = /^(\d{1,15}):(\S+)$/.exec(text) ?? [];
  if (number === undefined || root === undefined) {
    throw new Refusal('--checkpoint wants NUMBER:ROOT');
  }
  return { number: Number(number), root };
}

async function openDoor(given: string | undefined, file: string | undefined): Promise<AuditDoor> {
  // What runs here has the local secrets, and not those of a file.
  const local = file === undefined ? findRunning(findState())?.url : undefined;
  const url = given ?? process.env['REKEY_URL'] ?? local;
  if (url === undefined) {
    throw new Refusal(
      'No instance to ask: name it by --url or REKEY_URL, or have npm start running',
    );
  }
  const { ADMIN_KEY: adminKey = '' } = await readSecrets('ADMIN_KEY', file);
  return { url: readAddress(url), adminKey };
}

/** From the file that is named, else from the environment, else from the local state. @throws Refusal without it. */
async function readSecrets(variable: string, file: string | undefined): Promise<SecretTexts> {
  if (file !== undefined) return (await readSecretsFile(file)).values;
  if (process.env[variable]) return process.env;
  const { secrets } = findState();
  const values = parseEnv(readIfThere(secrets) ?? '');
  if (values[variable]) return values;
  throw new Refusal(
    `There is no ${variable}: name the file of the secrets by --file, or set it (it is not in ${secrets} either)`,
  );
}

function write(line: object): Promise<void> {
  return writeLine(JSON.stringify(line));
}

async function writeLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}
