// What is made once per isolate, at its first use.

/**
 * Runs `make` until it has made something. Only that is kept: of a promise that belongs to a request which is cut off, the
 * others would wait for ever.
 */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: { readonly value: T } | null = null;
  return async () => {
    if (made !== null) return made.value;
    const value = await make();
    made ??= { value };
    return made.value;
  };
}
