// A Content-Type header: which media type it names, and whether its text can be read here.

/** The bare type in lower case; null when its text is said to be in another charset than UTF-8. */
export function readMediaType(header: string | undefined): string | null {
  const [type = '', ...parameters] = (header ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charsets = parameters.filter((parameter) => parameter.startsWith('charset='));
  // "utf8" is another label of it: https://encoding.spec.whatwg.org/#names-and-labels
  return charsets.every((charset) => /^charset="?utf-?8"?$/.test(charset)) ? type : null;
}
