// THE DOOR: every operation of the core, each bound in one line. Made per request, so that ports can be counted.
import { createChainPace } from './chain-pace.ts';
import type { Core, GatewayConfig, Ports } from './context.ts';
import type { Failure } from './failure.ts';
import { BusyError, type Turns } from './hash-queue.ts';
import { authenticate } from './operations/authenticate.ts';
import { changeByAuthority } from './operations/change-by-authority.ts';
import { changeByChallenge } from './operations/change-by-challenge.ts';
import { changeByCode } from './operations/change-by-code.ts';
import { changeByPassword } from './operations/change-by-password.ts';
import { checkCode } from './operations/check-code.ts';
import { cleanUp } from './operations/clean-up.ts';
import { createKey } from './operations/create-key.ts';
import { createLoginSession } from './operations/create-login-session.ts';
import { createTenant } from './operations/create-tenant.ts';
import { createUser } from './operations/create-user.ts';
import { deleteUser } from './operations/delete-user.ts';
import { deliverDue, deliverMessage } from './operations/deliver.ts';
import { endLoginSession } from './operations/end-login-session.ts';
import { exportEvents, listCheckpoints } from './operations/export-audit.ts';
import { findLoginSessions, readLoginSession } from './operations/find-login-sessions.ts';
import { findUsers } from './operations/find-users.ts';
import { issueCode } from './operations/issue-code.ts';
import { listEvents } from './operations/list-events.ts';
import { readAccount } from './operations/read-account.ts';
import { readMessages } from './operations/read-messages.ts';
import { readSettings } from './operations/read-settings.ts';
import { readUser } from './operations/read-user.ts';
import { refresh } from './operations/refresh.ts';
import { requestCode } from './operations/request-code.ts';
import { requireReset } from './operations/require-reset.ts';
import { revokeKey } from './operations/revoke-key.ts';
import { rewrap } from './operations/rewrap.ts';
import { sealAudit } from './operations/seal-audit.ts';
import { sendCode } from './operations/send-code.ts';
import { setUserState } from './operations/set-user-state.ts';
import { signIn } from './operations/sign-in.ts';
import { signOut } from './operations/sign-out.ts';
import { updateLoginSession } from './operations/update-login-session.ts';
import { readTenant, updateTenant } from './operations/update-tenant.ts';
import { updateUser } from './operations/update-user.ts';
import type { MessageRef } from './outbox.ts';
import { createPasswordEngine } from './password/password.ts';

import { giveBackAttempt } from './refusal.ts';
import { fail, type Result } from './result.ts';
import type { Opened, Store } from './store.ts';

export type Gateway = ReturnType<typeof createGateway>;

export function createGateway(ports: Ports, config: GatewayConfig) {
  const turns = config.hashQueue.createTurns(() => ports.meter.tenantId ?? '');
  const engine = createPasswordEngine(config.keyring, ports.random, createChainPace(ports, turns));
  const core: Core = { ports, config, engine };
  return {
    authenticate: bind(core, authenticate),
    signIn: bind(core, queueUp(turns, signIn)),
    refresh: bind(core, refresh),
    changeByPassword: bind(core, queueUp(turns, changeByPassword)),
    changeByChallenge: bind(core, queueUp(turns, changeByChallenge)),
    changeByCode: bind(core, queueUp(turns, changeByCode)),
    changeByAuthority: bind(core, queueUp(turns, changeByAuthority)),
    issueCode: bind(core, issueCode),
    sendCode: bind(core, sendCode),
    requestCode: bind(core, requestCode),
    checkCode: bind(core, checkCode),
    requireReset: bind(core, requireReset),
    signOut: bind(core, signOut),
    readAccount: bind(core, readAccount),
    deliverMessage: (message: MessageRef) => deliverMessage(core, message),
    deliverDue: () => deliverDue(core),
    cleanUp: () => cleanUp(core),
    sealAudit: (tell: Parameters<typeof sealAudit>[1]) => sealAudit(core, tell),
    readMessages: bind(core, readMessages),
    createTenant: bind(core, createTenant),
    readTenant: bind(core, readTenant),
    updateTenant: bind(core, updateTenant),
    createKey: bind(core, createKey),
    revokeKey: bind(core, revokeKey),
    createUser: bind(core, queueUp(turns, createUser)),
    readUser: bind(core, readUser),
    updateUser: bind(core, updateUser),
    setUserState: bind(core, setUserState),
    deleteUser: bind(core, deleteUser),
    findUsers: bind(core, findUsers),
    createLoginSession: bind(core, queueUp(turns, createLoginSession)),
    updateLoginSession: bind(core, queueUp(turns, updateLoginSession)),
    endLoginSession: bind(core, endLoginSession),
    readLoginSession: bind(core, readLoginSession),
    findLoginSessions: bind(core, findLoginSessions),
    rewrap: bind(core, rewrap),
    readSettings: bind(core, readSettings),
    listEvents: bind(core, listEvents),
    exportEvents: bind(core, exportEvents),
    listCheckpoints: bind(core, listCheckpoints),
    /** What is left of the caller's bucket; null while none was asked. */
    readAllowance: () => ports.meter.allowance,
    /** The public halves of our signing keys. */
    listPublicKeys: () => config.keyring.publicKeys(ports.clock.now()),
  };
}

type Operation<Command, Value> = (core: Core, command: Command) => Promise<Result<Value, Failure>>;

/** How it ends is told in the meter, too. */
function bind<Command, Value>(
  core: Core,
  operation: Operation<Command, Value>,
): (command: Command) => Promise<Result<Value, Failure>> {
  return async (command) => {
    const result = await operation(core, command);
    core.ports.meter.refusal = result.ok ? null : result.failure.kind;
    return result;
  };
}

/** Of an operation that may hash: it is refused before any work when there is no seat, and gives its seat back. */
function queueUp<Command, Value>(
  turns: Turns,
  operation: Operation<Command, Value>,
): Operation<Command, Value> {
  return async (core, command) => {
    const retryAfter = core.config.hashQueue.findWait();
    if (retryAfter !== null) return fail({ kind: 'busy', retryAfter });
    const { store } = core.ports;
    let opened: Opened | null = null;
    const open: Store['open'] = async (request) => {
      opened = await store.open(request);
      return opened;
    };
    try {
      return await operation(
        { ...core, ports: { ...core.ports, store: { ...store, open } } },
        command,
      );
    } catch (error) {
      if (!(error instanceof BusyError)) throw error;
      // The last seat went while the request was opened: the guess that it reserved was not made.
      if (opened !== null) await giveBackAttempt(core, opened, core.ports.clock.now());
      return fail({ kind: 'busy', retryAfter: error.retryAfter });
    } finally {
      turns.leave();
    }
  };
}
