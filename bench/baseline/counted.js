// The production bundle with the hash taken out (unhashed.js), its database counting what it reads and writes:
// `/bench/rows` tells it since it was last asked.
import rekey from './unhashed.js';

let counted = countNothing();
const watched = new WeakMap();

function countNothing() {
  return { batches: 0, read: 0, written: 0, milliseconds: 0 };
}

/** One for each environment, as Rekey keeps what it made of one. */
function watch(env) {
  const known = watched.get(env) ?? { ...env, DB: watchDatabase(env.DB) };
  watched.set(env, known);
  return known;
}

function watchDatabase(database) {
  return {
    prepare: (sql) => database.prepare(sql),
    batch: async (statements) => {
      const results = await database.batch(statements);
      counted.batches += 1;
      for (const { meta } of results) {
        counted.read += meta.rows_read;
        counted.written += meta.rows_written;
        counted.milliseconds += meta.duration;
      }
      return results;
    },
  };
}

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== '/bench/rows') {
      return rekey.fetch(request, watch(env), context);
    }
    const told = counted;
    counted = countNothing();
    return Response.json(told);
  },
};
