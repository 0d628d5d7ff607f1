// Hono's trie, which remembers what it found for the paths that are the same for everybody.
import type { Result, Router } from 'hono/router';
import { TrieRouter } from 'hono/router/trie-router';

/** Of others nothing is remembered: a caller may send any word as a method. */
const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** The one router that our paths need: the others that Hono brings along would only hand them on to it. */
export class RememberingRouter<Handler> implements Router<Handler> {
  readonly name = 'remembering';
  readonly #trie = new TrieRouter<Handler>();
  /** By path and method: as many as there are routes without parameters, and no caller's text. */
  readonly #found = new Map<string, Map<string, Result<Handler>>>();

  add(method: string, path: string, handler: Handler): void {
    this.#trie.add(method, path, handler);
    if (!/[:*]/.test(path)) this.#found.set(path, new Map());
  }

  match(method: string, path: string): Result<Handler> {
    const found = this.#found.get(path);
    if (found === undefined || !METHODS.includes(method)) return this.#trie.match(method, path);
    const result = found.get(method) ?? this.#trie.match(method, path);
    found.set(method, result);
    return result;
  }
}
