// npm run --silent secrets: fresh random secrets as JSON, as `wrangler secret bulk` takes them.
import { makeSecrets } from './secrets.ts';

process.stdout.write(`${JSON.stringify(makeSecrets(), null, 2)}\n`);
