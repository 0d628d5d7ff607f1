// How fast a caller may come: a bucket that each request takes one from, and that fills by itself.

/** A bucket, told by times: `span` fills the whole of it, `interval` one request's worth. Milliseconds. */
export interface Pace {
  readonly interval: number;
  readonly span: number;
}

/** What a bucket still holds. `fullAfter`: in milliseconds; `retryAfter`: in seconds, 0 when the request was let in. */
export interface Allowance {
  readonly pace: Pace;
  readonly remaining: number;
  readonly fullAfter: number;
  readonly retryAfter: number;
}

/** 25 requests a second for as long as one likes, and 50 at once: what VBA grants an API key. */
export const KEY_PACE: Pace = { interval: 40, span: 2000 };
