/** CommonJS that was a module once. */
declare module 'workerd' {
  const workerd: {
    /** Where the binary lies. */
    readonly default: string;
    readonly version: string;
  };
  export default workerd;
}
