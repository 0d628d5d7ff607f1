// The Worker's schedule while it runs locally: wrangler dev knows of it, and leaves it to others to run.
const EVERY_MS = 60_000;
const ANSWER_LIMIT_MS = 50_000;

/** Runs what is scheduled once a minute, until it is stopped. What one run leaves is the next one's. */
export function startSchedule(url: string): { readonly stop: () => void } {
  const timer = setInterval(() => {
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    fetch(`${url}/cdn-cgi/handler/scheduled`, { signal }).catch(() => {});
  }, EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
