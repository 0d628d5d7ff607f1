// THE DOOR: every operation of the core, each in one line. One is opened per request, so that ports can be counted.
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

const OPERATIONS = {
  authenticate,
  signIn: queueUp(signIn),
  refresh,
  changeByPassword: queueUp(changeByPassword),
  changeByChallenge: queueUp(changeByChallenge),
  changeByCode: queueUp(changeByCode),
  changeByAuthority: queueUp(changeByAuthority),
  issueCode,
  sendCode,
  requestCode,
  checkCode,
  requireReset,
  signOut,
  readAccount,
  readMessages,
  createTenant,
  readTenant,
  updateTenant,
  createKey,
  revokeKey,
  createUser: queueUp(createUser),
  readUser,
  updateUser,
  setUserState,
  deleteUser,
  findUsers,
  createLoginSession: queueUp(createLoginSession),
  updateLoginSession: queueUp(updateLoginSession),
  endLoginSession,
  readLoginSession,
  findLoginSessions,
  rewrap,
  readSettings,
  listEvents,
  exportEvents,
  listCheckpoints,
};

type Operations = typeof OPERATIONS;
type Bound = {
  readonly [Name in keyof Operations]: (
    command: Parameters<Operations[Name]>[1],
  ) => ReturnType<Operations[Name]>;
};

export type Gateway = RequestGateway & Bound;

/** What is at hand before the rest of the ports is. */
type Base = Pick<Ports, 'meter' | 'clock'>;

/** `openPorts`: called with the first operation; what is refused before it needs none of them. */
export function createGateway(base: Base, openPorts: () => Ports, config: GatewayConfig): Gateway {
  config.traffic.others += 1;
  return new RequestGateway(base, openPorts, config) as Gateway;
}

/** Of one request. */
interface RequestCore extends Core {
  readonly turns: Turns;
  /** Says that it came for a hash, whether it gets to it or not. */
  readonly comeToHash: () => void;
}

type Operation<Command, Value> = (
  core: RequestCore,
  command: Command,
) => Promise<Result<Value, Failure>>;

class RequestGateway {
  readonly #base: Base;
  readonly #openPorts: () => Ports;
  readonly #config: GatewayConfig;
  #core: RequestCore | null = null;

  constructor(base: Base, openPorts: () => Ports, config: GatewayConfig) {
    this.#base = base;
    this.#openPorts = openPorts;
    this.#config = config;
  }

  deliverMessage(message: MessageRef) {
    return deliverMessage(this.#open(), message);
  }

  deliverDue() {
    return deliverDue(this.#open());
  }

  cleanUp() {
    return cleanUp(this.#open());
  }

  sealAudit(tell: Parameters<typeof sealAudit>[1]) {
    return sealAudit(this.#open(), tell);
  }

  /** What is left of the caller's bucket; null while none was asked. */
  readAllowance() {
    return this.#base.meter.allowance;
  }

  /** The public halves of our signing keys. */
  listPublicKeys() {
    return this.#config.keyring.publicKeys(this.#base.clock.now());
  }

  /** How it ends is told in the meter, too. */
  async run<Command, Value>(operation: Operation<Command, Value>, command: Command) {
    const result = await operation(this.#open(), command);
    this.#base.meter.refusal = result.ok ? null : result.failure.kind;
    return result;
  }

  #open(): RequestCore {
    this.#core ??= openCore(this.#openPorts(), this.#config);
    return this.#core;
  }
}

// On the prototype: bound anew for each request they took longer than a refusal does.
for (const [name, operation] of Object.entries(OPERATIONS)) {
  const value = function (this: RequestGateway, command: never) {
    return this.run(operation as Operation<never, unknown>, command);
  };
  Object.defineProperty(RequestGateway.prototype, name, { value });
}

function openCore(ports: Ports, config: GatewayConfig): RequestCore {
  const turns = config.hashQueue.createTurns(() => ports.meter.tenantId ?? '');
  const engine = createPasswordEngine(
    config.keyring,
    ports.random,
    createChainPace(ports, turns, config.traffic),
  );
  let isOther = true;
  const comeToHash = () => {
    if (isOther) config.traffic.others -= 1;
    isOther = false;
  };
  return { ports, config, engine, turns, comeToHash };
}

/** Of an operation that may hash: it is refused before any work when there is no seat, and gives its seat back. */
function queueUp<Command, Value>(
  operation: (core: Core, command: Command) => Promise<Result<Value, Failure>>,
): Operation<Command, Value> {
  return async (core, command) => {
    core.comeToHash();
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
      core.turns.leave();
    }
  };
}
