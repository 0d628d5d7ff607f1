// Stands in for curl where there is none: as much of it as the printed calls use, with curl's own words.
import { request } from 'node:http';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: 'boolean', short: 's' },
    'show-error': { type: 'boolean', short: 'S' },
    'write-out': { type: 'string', short: 'w', default: '' },
    request: { type: 'string', short: 'X', default: 'GET' },
    header: { type: 'string', short: 'H', multiple: true, default: [] },
    user: { type: 'string', short: 'u' },
    data: { type: 'string', short: 'd' },
  },
});

const headers: Record<string, string> = { 'user-agent': 'curl' };
for (const header of values.header) {
  const colon = header.indexOf(':');
  headers[header.slice(0, colon).toLowerCase()] = header.slice(colon + 1).trim();
}
const { user, data = '' } = values;
if (user !== undefined) headers['authorization'] = `Basic ${Buffer.from(user).toString('base64')}`;
headers['content-length'] = String(Buffer.byteLength(data));

const call = request(positionals[0] ?? '', { method: values.request, headers }, (answer) => {
  answer.on('data', (chunk) => process.stdout.write(chunk));
  answer.on('end', () => process.stdout.write(values['write-out'].replaceAll('\\n', '\n')));
});
call.on('error', (error) => {
  console.error(`curl: ${error.message}`);
  process.exitCode = 7;
});
call.end(data);
