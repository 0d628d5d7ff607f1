// What a Worker has in its heap, on a real workerd.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readHeapMegabytes } from '../../bench/lib/heap.ts';
import { startMiniflare } from '../../bench/lib/miniflare.ts';

const WORKER = `const kept = [];
export default {
  fetch: () => {
    kept.push(new Uint8Array(16 * 1024 ** 2));
    return new Response(String(kept.length));
  },
};`;

it.skipIf(process.platform !== 'linux')('the heap of a Worker holds what it keeps', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-heap-'));
  const path = join(folder, 'worker.js');
  writeFileSync(path, WORKER);
  const bundle = [{ name: 'worker.js', kind: 'esModule', path }] as const;
  const options = { bundle, databases: [], schema: '', isInspected: true };
  const { url, inspector, stop } = await startMiniflare(options);
  onTestFinished(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });
  if (inspector === null) throw new Error('no inspector');
  const before = await readHeapMegabytes(inspector);
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(16);
  for (let kept = 1; kept <= 2; kept += 1) expect(await (await fetch(url)).text()).toBe(`${kept}`);
  expect((await readHeapMegabytes(inspector)) - before).toBeGreaterThan(30);
});
