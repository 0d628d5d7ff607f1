// The production bundle as it is, with its derivations counted: `/bench/derivations` tells how many there were since it was
// last asked, and the most iterations of one of them.
import rekey from './index.js';

const { subtle } = crypto;
const deriveBits = subtle.deriveBits.bind(subtle);
let iterations = [];

Object.defineProperty(subtle, 'deriveBits', {
  value: (algorithm, ...rest) => {
    iterations.push(algorithm.iterations);
    return deriveBits(algorithm, ...rest);
  },
});

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== '/bench/derivations') {
      return rekey.fetch(request, env, context);
    }
    const counted = { derivations: iterations.length, most: Math.max(0, ...iterations) };
    iterations = [];
    return Response.json(counted);
  },
};
