// The range API of Have I Been Pwned, or of a mirror of it: the beginning of a hash goes out, the hashes that begin so
// come back.

/** Somebody waits for a password meanwhile. */
const ANSWER_LIMIT_MS = 1500;
/** A padded answer has about a thousand lines of 45 bytes. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** No answer, or none that can be read. It says nothing of what was asked. */
class BreachRangeError extends Error {
  override readonly name = 'BreachRangeError';
}

/** `url`: ends with a slash, after which the prefix stands. @throws BreachRangeError */
export async function readBreachRange(url: string, prefix: string): Promise<string> {
  try {
    return await ask(`${url}${prefix}`);
  } catch (error) {
    if (error instanceof BreachRangeError) throw error;
    throw new BreachRangeError('no answer', { cause: error });
  }
}

async function ask(url: string): Promise<string> {
  const headers = { 'add-padding': 'true', 'user-agent': 'rekey' };
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  // A redirect could lead what is asked to anyone.
  const answer = await fetch(url, { headers, redirect: 'manual', signal });
  if (answer.status === 200 && answer.body !== null) return readText(answer.body);
  await answer.body?.cancel();
  throw new BreachRangeError(`status ${answer.status}`);
}

async function readText(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    // To leave the loop cancels the rest.
    if (length > MAX_ANSWER_BYTES) throw new BreachRangeError('too long');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
