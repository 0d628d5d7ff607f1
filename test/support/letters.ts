// The letters that a local Worker's mail binding has taken, as the local runtime keeps them until it ends.
const KEPT = '/cdn-cgi/local/explorer/api/local/email/sending';

/** One of them, under the names that the runtime has for its parts. */
export interface KeptLetter {
  readonly messageId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string;
}

/** Newest first, at most 100. `url`: the origin of the Worker. */
export async function readLetters(url: string | URL): Promise<readonly KeptLetter[]> {
  const letters = await read<readonly { readonly messageId: string }[]>(url, { per_page: '100' });
  return Promise.all(
    letters.map(({ messageId }) => read<KeptLetter>(url, { email_id: messageId })),
  );
}

async function read<T>(origin: string | URL, query: Record<string, string>): Promise<T> {
  const url = new URL(KEPT, origin);
  url.search = new URLSearchParams(query).toString();
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${KEPT} answered ${answer.status}`);
  return ((await answer.json()) as { readonly result: T }).result;
}
