// The operator takes the audit of a tenant out, with all that its verification needs: events and checkpoints, oldest first.
import type { Checkpoint } from '../audit-chain.ts';
import type { EventRecord, RecordPage } from '../audit-store.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { findOrganisationPlace, type Place } from '../place.ts';
import { fail, ok, type Result } from '../result.ts';

export interface ExportAudit {
  readonly organisationId: string;
  /** The cursor of the page before; 0 for the first page. */
  readonly after: number;
  readonly limit: number;
}

export function exportEvents(
  core: Core,
  command: ExportAudit,
): Promise<Result<RecordPage<EventRecord>, Failure>> {
  const { organisationId } = command;
  return read(core, organisationId, (place) =>
    core.ports.store.exportEvents(place, organisationId, command),
  );
}

export function listCheckpoints(
  core: Core,
  command: ExportAudit,
): Promise<Result<RecordPage<Checkpoint>, Failure>> {
  const { organisationId } = command;
  return read(core, organisationId, (place) =>
    core.ports.store.listCheckpoints(place, organisationId, command),
  );
}

async function read<Row>(
  core: Core,
  organisationId: string,
  load: (place: Place) => Promise<RecordPage<Row> | null>,
): Promise<Result<RecordPage<Row>, Failure>> {
  const place = findOrganisationPlace(core.config.placement, organisationId);
  const page = place === null ? null : await load(place);
  return page === null ? fail({ kind: 'not-found', what: 'tenant' }) : ok(page);
}
