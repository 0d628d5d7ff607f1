// The audit at the operator's door: pages for people as JSON, pages for verification as NDJSON.
import type { AppContext } from '../../wire/dialect.ts';
import { negotiateType } from '../../wire/negotiate.ts';
import { readValid } from '../../wire/validate.ts';
import { answerFailure } from './failure.ts';
import { listCheckpointsSchema, listEventsSchema } from './schema.ts';
import {
  fromCheckpointPage,
  fromEventPage,
  fromEventRecord,
  toExportAudit,
  toListEvents,
} from './translate-audit.ts';

const NDJSON = 'application/x-ndjson';

/** NDJSON has all that a verification needs, of the whole tenant; `link` names the next page. */
export async function listEvents(c: AppContext): Promise<Response> {
  const query = readValid(c, 'query', listEventsSchema);
  const organisationId = c.req.param('orgId') ?? '';
  c.header('vary', 'accept', { append: true });
  if (negotiateType(c.req.header('accept'), ['application/json', NDJSON]) !== NDJSON) {
    const result = await c.env.gateway.listEvents(toListEvents(organisationId, query));
    return result.ok ? c.json(fromEventPage(result.value)) : answerFailure(c, result.failure);
  }
  const command = toExportAudit(organisationId, query);
  const result = await c.env.gateway.exportEvents(command);
  if (!result.ok) return answerFailure(c, result.failure);
  const { rows, next } = result.value;
  if (next !== null) c.header('link', `<?after=${next}&limit=${command.limit}>; rel="next"`);
  const lines = rows.map((record) => `${JSON.stringify(fromEventRecord(record))}\n`);
  return c.body(lines.join(''), 200, { 'content-type': NDJSON });
}

export async function listCheckpoints(c: AppContext): Promise<Response> {
  const query = readValid(c, 'query', listCheckpointsSchema);
  const command = toExportAudit(c.req.param('orgId') ?? '', query);
  const result = await c.env.gateway.listCheckpoints(command);
  return result.ok ? c.json(fromCheckpointPage(result.value)) : answerFailure(c, result.failure);
}
