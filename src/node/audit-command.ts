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
import { findRunning } from './running.ts';
import { findState, readIfThere } from './state.ts';

const WHOLE = 0;
const BROKEN = 1;

const OPTIONS = {
  tenant: { type: 'string', multiple: true },
  url: { type: 'string' },
  checkpoint: { type: 'string' },
} as const;

/** --tenant ORG [--url URL]: its events and checkpoints as NDJSON, to the standard output. */
export async function exportAudit(args: readonly string[]): Promise<number> {
  const { values, files } = readArgs(args);
  const [orgId, ...others] = values.tenant ?? [];
  if (orgId === undefined || others.length + files.length > 0 || values.checkpoint !== undefined) {
    throw new Refusal('audit export wants one --tenant, and perhaps --url');
  }
  await write({ kind: 'audit', orgId, at: new Date().toISOString() });
  for await (const line of readInstance(openDoor(values.url), orgId)) await writeLine(line);
  await write({ kind: 'end' });
  return WHOLE;
}

/** [FILE …] or --tenant ORG … [--url URL]; [--checkpoint NUMBER:ROOT], one that was kept outside. */
export async function verifyAudit(args: readonly string[]): Promise<number> {
  const { values, files } = readArgs(args);
  const { tenant: tenants = [], checkpoint } = values;
  const count = tenants.length + files.length;
  if (count === 0 || (checkpoint !== undefined && count > 1)) {
    throw new Refusal('audit verify wants --tenant or files; of one alone a --checkpoint');
  }
  const witness = checkpoint === undefined ? null : readWitness(checkpoint);
  const chain = createChain(readChainKeys(readSecrets('CHAIN_KEYS')));
  let exitCode = WHOLE;
  for (const path of files) {
    exitCode = Math.max(exitCode, await verify(path, readFile(path), chain, witness));
  }
  const door = tenants.length === 0 ? null : openDoor(values.url);
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
  } catch (error) {
    throw new Refusal(error instanceof Error ? error.message : 'The options are not understood');
  }
}

function readWitness(text: string): Witness {
  const [, number, root] = /^(\d{1,15}):(\S+)$/.exec(text) ?? [];
  if (number === undefined || root === undefined) {
    throw new Refusal('--checkpoint wants NUMBER:ROOT');
  }
  return { number: Number(number), root };
}

function openDoor(given: string | undefined): AuditDoor {
  const url = given ?? process.env['REKEY_URL'] ?? findRunning(findState())?.url ?? null;
  if (url === null) throw new Refusal('No instance runs here: say which by --url or REKEY_URL');
  const adminKey = readSecrets('ADMIN_KEY')['ADMIN_KEY'];
  if (adminKey === undefined) throw new Refusal('There is no ADMIN_KEY');
  return { url: readAddress(url), adminKey };
}

/** From the environment, else from the local state. */
function readSecrets(variable: string): NodeJS.Dict<string> {
  if (process.env[variable] !== undefined) return process.env;
  return parseEnv(readIfThere(findState().secrets) ?? '');
}

function write(line: object): Promise<void> {
  return writeLine(JSON.stringify(line));
}

async function writeLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}
