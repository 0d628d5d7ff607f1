/** wrangler's rule for binary files: a module whose export is their bytes. */
declare module '*.bin' {
  const bytes: ArrayBuffer;
  export default bytes;
}
