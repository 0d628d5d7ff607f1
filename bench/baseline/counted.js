// The production bundle with the hash taken out (unhashed.js), its database counting what each batch reads and writes:
// `/bench/batches` tells them since it was last asked.
import rekey from './unhashed.js';

let batches = [];
const watched = new WeakMap();

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
      const batch = { statements: results.length, read: 0, written: 0, milliseconds: 0 };
      for (const { meta } of results) {
        batch.read += meta.rows_read;
        batch.written += meta.rows_written;
        batch.milliseconds += meta.duration;
      }
      batches.push(batch);
      return results;
    },
  };
}

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== '/bench/batches') {
      return rekey.fetch(request, watch(env), context);
    }
    const told = batches;
    batches = [];
    return Response.json(told);
  },
};
