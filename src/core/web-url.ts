// Addresses on the web that we send to, or send people to.

/** https, or http of the own machine, with no name or password in it; null for anything else, a blob: among it. */
export function readSecureUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  const isSecure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback);
  return isSecure && url.username === '' && url.password === '' ? url : null;
}
