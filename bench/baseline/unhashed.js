// The production bundle with the hash taken out: one round of PBKDF2 instead of 100,000, and none of the rests between the
// links, which belong to it (src/core/chain-pace.ts). Only the benchmarks can be entered here; a deployment has no such
// switch.
// And it counts what it did not do: `/bench/derivations`.
import rekey from './index.js';

const { subtle } = crypto;
const deriveBits = subtle.deriveBits.bind(subtle);
let derivations = 0;

Object.defineProperty(subtle, 'deriveBits', {
  value: (algorithm, ...rest) => {
    derivations += 1;
    return deriveBits({ ...algorithm, iterations: 1 }, ...rest);
  },
});

Object.defineProperty(scheduler, 'wait', { value: async () => {} });

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== '/bench/derivations') {
      return rekey.fetch(request, env, context);
    }
    const counted = derivations;
    derivations = 0;
    return new Response(String(counted));
  },
};
