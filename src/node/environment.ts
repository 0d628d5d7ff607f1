// The Worker's environment as wrangler will give it: wrangler.toml's [vars], over them the secrets of .dev.vars.
// It is judged by the Worker's own rules before anything is started.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError, openKeyring, parseConfig } from '../config.ts';
import { Refusal } from './refusal.ts';
import { makeSecrets } from './secrets.ts';
import { makeFolder, REPOSITORY, readIfThere, type State, writePrivate } from './state.ts';

export const WRANGLER_CONFIG = join(REPOSITORY, 'wrangler.toml');

/** Where the usual development servers have the pages that they serve. */
const LOCAL_ORIGINS = [3000, 4200, 5173, 8080].flatMap((port) => [
  `http://localhost:${port}`,
  `http://127.0.0.1:${port}`,
]);

export interface Environment {
  readonly adminKey: string;
  /** Names of the D1 bindings. */
  readonly bindings: readonly string[];
  readonly sendsEmail: boolean;
}

/** Makes the secrets when there are none. @throws Refusal naming the variable that is missing or wrong. */
export async function prepareEnvironment(state: State, issuer: string): Promise<Environment> {
  const secrets = readSecrets(state);
  const { vars, bindings, sendsEmail } = readWranglerConfig(readFileSync(WRANGLER_CONFIG, 'utf8'));
  const databases = Object.fromEntries(bindings.map((binding) => [binding, {}]));
  try {
    const env = { ...vars, ...secrets, ISSUER: issuer, ...databases };
    const config = parseConfig(env);
    await openKeyring(config.secrets);
    return { adminKey: config.adminKey, bindings, sendsEmail };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Refusal(
      `Broken config: ${error.message} (${nameSource(error.variable, vars, secrets, state)})`,
    );
  }
}

function nameSource(variable: string, vars: object, secrets: object, state: State): string {
  if (variable in secrets) return state.secrets;
  return variable in vars
    ? WRANGLER_CONFIG
    : `neither in ${WRANGLER_CONFIG} nor in ${state.secrets}`;
}

function readSecrets(state: State): NodeJS.Dict<string> {
  const text = readIfThere(state.secrets);
  if (text !== null) return parseEnv(text);
  const made = { ...makeSecrets(), TIMING: 'on', ORIGINS: `*=${LOCAL_ORIGINS.join(' ')}` };
  makeFolder(state.home);
  writePrivate(state.secrets, formatSecrets(made));
  console.log(`Made random secrets: ${state.secrets}`);
  return made;
}

/** In single quotes nothing is special to a dotenv reader; no secret of ours holds one. */
export function formatSecrets(secrets: Readonly<Record<string, string>>): string {
  const lines = Object.entries(secrets).map(([name, value]) => `${name}='${value}'\n`);
  return `# Made by npm start, for this machine alone. Never commit it.\n${lines.join('')}`;
}

const TABLE = /^\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(?:#.*)?$/;
const STRING_PAIR = /^\s*([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\["\\])*)"|'([^']*)')\s*(?:#.*)?$/;
const NOTHING = /^\s*(?:#.*)?$/;

/**
 * Reads [vars], the bindings of [[d1_databases]], and whether there is a [[send_email]]. Not all of TOML: our own file keeps to one-line strings there,
 * and a line that is anything else is refused. The rest of the file is wrangler's to judge.
 */
export function readWranglerConfig(text: string): {
  readonly vars: Readonly<Record<string, string>>;
  readonly bindings: readonly string[];
  readonly sendsEmail: boolean;
} {
  const vars: Record<string, string> = {};
  const bindings: string[] = [];
  let sendsEmail = false;
  let table = '';
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const opened = TABLE.exec(line)?.[1];
    if (opened !== undefined) {
      table = opened;
      sendsEmail ||= table === 'send_email';
      continue;
    }
    if ((table !== 'vars' && table !== 'd1_databases') || NOTHING.test(line)) continue;
    const [, name, escaped, literal] = STRING_PAIR.exec(line) ?? [];
    if (name === undefined) {
      throw new Refusal(
        `Broken config: line ${index + 1} is not name = "text" (${WRANGLER_CONFIG})`,
      );
    }
    const value = literal ?? (escaped ?? '').replaceAll(/\\(.)/g, '$1');
    if (table === 'vars') vars[name] = value;
    else if (name === 'binding') bindings.push(value);
  }
  return { vars, bindings, sendsEmail };
}
