// Takes a tenant's audit out by the operator's door and holds it against its chain, as the command does.
import { env } from 'cloudflare:workers';
import { expect, vi } from 'vitest';
import { readChainKeys } from '../../src/config.ts';
import {
  type AuditFault,
  type AuditVerifier,
  createAuditVerifier,
  type Witness,
} from '../../src/core/audit-verifier.ts';
import { createChain } from '../../src/core/chain.ts';
import { readAuditLine } from '../../src/node/audit-record.ts';
import { ORIGIN, send } from './rekey.ts';
import type * as t from './tenant.ts';
import { runSchedule } from './webhook.ts';

export interface Verified {
  readonly fault: AuditFault | null;
  readonly verifier: AuditVerifier;
}

interface How {
  readonly witness?: Witness | null;
  readonly now?: number;
  readonly keys?: string;
}

/** `keys`: as CHAIN_KEYS. */
export async function verifyAudit(
  tenant: t.TestTenant,
  { witness = null, now = Date.now(), keys = env.CHAIN_KEYS }: How = {},
): Promise<Verified> {
  const chain = createChain(readChainKeys({ CHAIN_KEYS: keys }));
  const verifier = createAuditVerifier(chain, tenant.orgId, now, witness);
  for (const text of await readAudit(tenant)) {
    const line = readAuditLine(text);
    let fault: AuditFault | null = null;
    if (line.kind === 'event') fault = await verifier.takeEvent(line.event);
    else if (line.kind === 'checkpoint') fault = await verifier.takeCheckpoint(line.checkpoint);
    if (fault !== null) return { fault, verifier };
  }
  return { fault: verifier.end(), verifier };
}

/** Each checkpoint after the events that it covers. */
export async function readAudit(tenant: t.TestTenant): Promise<string[]> {
  const events = await readPages(tenant, 'events');
  const checkpoints = await readPages(tenant, 'checkpoints');
  const place = (line: string) => {
    const { id, through } = JSON.parse(line);
    return through === undefined ? Number(id) : Number(through) + 0.5;
  };
  return [...events, ...checkpoints].sort((a, b) => place(a) - place(b));
}

async function readPages(tenant: t.TestTenant, what: 'events' | 'checkpoints'): Promise<string[]> {
  const accept = what === 'events' ? 'application/x-ndjson' : 'application/json';
  const headers = { authorization: `Bearer ${env.ADMIN_KEY}`, accept };
  const lines: string[] = [];
  for (let query: string | null = '?limit=200'; query !== null; ) {
    const path: string = `/admin/tenants/${tenant.orgId}/${what}${query}`;
    const { status, text, body, headers: got } = await send(`${ORIGIN}${path}`, { headers });
    expect(status).toBe(200);
    if (what === 'events') {
      lines.push(...text.split('\n').filter((line) => line !== ''));
      query = /^<(.*)>; rel="next"$/.exec(got.get('link') ?? '')?.[1] ?? null;
    } else {
      lines.push(...body.checkpoints.map((one: object) => JSON.stringify(one)));
      query = body.next === null ? null : `?limit=200&after=${body.next}`;
    }
  }
  return lines;
}

/** As if it were then. */
export async function at<T>(time: number, work: () => Promise<T>): Promise<T> {
  const clock = vi.spyOn(Date, 'now').mockReturnValue(time);
  try {
    return await work();
  } finally {
    clock.mockRestore();
  }
}

export function runScheduleAt(time: number): Promise<void> {
  return at(time, () => runSchedule());
}
