// An open NEW_PASSWORD_REQUIRED session, and what its holder may do with it.

/** An open challenge by its session's hash, and how many wrong uses it bears. */
export interface SessionRef {
  readonly hash: string;
  readonly maxTries: number;
}

export interface Challenge {
  readonly userId: string;
  readonly expiresAt: number;
  /** Wrong uses so far; of a spent one, every use after it, this one included. */
  readonly tries: number;
  /** The credential version that it made; null while it is open. */
  readonly spentVersion: number | null;
}

const MAX_CHALLENGE_TRIES = 5;

/** `spent`: only a retry of the change that spent it may still be answered. */
export type ChallengeVerdict = 'open' | 'spent' | 'unknown' | 'expired' | 'foreign' | 'dead';

export function judgeChallenge(
  challenge: Challenge | null,
  userId: string,
  now: number,
): ChallengeVerdict {
  if (challenge === null) return 'unknown';
  if (challenge.userId !== userId) return 'foreign';
  if (challenge.expiresAt <= now) return 'expired';
  if (challenge.spentVersion === null) {
    return challenge.tries >= MAX_CHALLENGE_TRIES ? 'dead' : 'open';
  }
  return challenge.tries > MAX_CHALLENGE_TRIES ? 'dead' : 'spent';
}

export function referToSession(sessionHash: string): SessionRef {
  return { hash: sessionHash, maxTries: MAX_CHALLENGE_TRIES };
}
