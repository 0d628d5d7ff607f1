// keys rewrap: has the Worker seal anew what old peppers sealed, portion by portion, until nothing of it is left.
import { Refusal } from './refusal.ts';
import { wait } from './wrangler.ts';

const ANSWER_LIMIT_MS = 30_000;
/** Of one portion. A portion may be repeated at will, so that a network that fails now and then stops nothing. */
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 500;
const NO_ANSWER = 0;
const UNAUTHORIZED = 401;
/** Each pass leaves less: what is left after some is what Workers with old secrets write. */
const MAX_PASSES = 5;

interface Portion {
  readonly activePepper: string;
  readonly resealed: number;
  readonly outpaced: number;
  readonly unopened: number;
  readonly next: object | null;
}

export interface Pass {
  readonly resealed: number;
  readonly outpaced: number;
  readonly unopened: number;
}

export interface Worker {
  readonly url: string;
  readonly adminKey: string;
  /** The pepper that must seal there: else it has other secrets than we. */
  readonly activePepper: string;
}

/** Until a pass found nothing to do. Stopped and started again, it goes on with what is left. */
export async function rewrapAll(worker: Worker): Promise<Pass> {
  const all = { resealed: 0, outpaced: 0 };
  for (let passes = 0; passes < MAX_PASSES; passes += 1) {
    const pass = await rewrapOnce(worker);
    all.resealed += pass.resealed;
    all.outpaced += pass.outpaced;
    if (isClean(pass)) return { ...all, unopened: pass.unopened };
  }
  throw new Refusal(
    'Something still seals under an old pepper: wait until every Worker has the new secrets, and start it again',
  );
}

export function isClean({ resealed, outpaced }: Pass): boolean {
  return resealed === 0 && outpaced === 0;
}

/** @throws Refusal when the Worker does not answer, or seals under another pepper. */
export async function rewrapOnce(worker: Worker): Promise<Pass> {
  const pass = { resealed: 0, outpaced: 0, unopened: 0 };
  let from: object | null = null;
  do {
    const portion = await rewrapPortion(worker, from);
    if (portion.activePepper !== worker.activePepper) {
      throw new Refusal(
        `${worker.url} seals under the pepper ${portion.activePepper}, not ${worker.activePepper}: give it the new secrets first`,
      );
    }
    pass.resealed += portion.resealed;
    pass.outpaced += portion.outpaced;
    pass.unopened += portion.unopened;
    from = portion.next;
  } while (from !== null);
  return pass;
}

async function rewrapPortion(worker: Worker, from: object | null): Promise<Portion> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask(worker, from);
    if (typeof answer === 'object') return answer;
    if (answer === UNAUTHORIZED) {
      throw new Refusal(`${worker.url} does not take the ADMIN_KEY of these secrets`);
    }
    // Only what may go by itself is tried again.
    const isPassing = answer === NO_ANSWER || answer >= 500;
    if (!isPassing || attempt === ATTEMPTS) {
      const told = answer === NO_ANSWER ? 'did not answer' : `answered ${answer}`;
      throw new Refusal(`${worker.url} ${told}. Nothing is lost: start it again`);
    }
    await wait(FIRST_WAIT_MS * 2 ** (attempt - 1));
  }
}

/** The portion, or the status of another answer. */
async function ask({ url, adminKey }: Worker, from: object | null): Promise<Portion | number> {
  try {
    const answer = await fetch(`${url}/admin/rewrap`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(from === null ? {} : { from }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      // The operator's key goes to the address that was named, and nowhere else.
      redirect: 'error',
    });
    return answer.status === 200 ? ((await answer.json()) as Portion) : answer.status;
  } catch {
    return NO_ANSWER;
  }
}
