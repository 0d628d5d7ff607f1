// The file that a deployment's secrets are kept in: .dev.vars of the local state, or the one that was uploaded, as JSON
// or as lines of NAME='value'. What is not changed stays as it is, byte for byte.
import { isDeepStrictEqual, parseEnv } from 'node:util';
import { ConfigError, openKeyring, parseConfig } from '../config.ts';
import { Refusal } from './refusal.ts';
import type { SecretTexts } from './rotation.ts';
import { readIfThere, writePrivate } from './state.ts';

export interface SecretsFile {
  readonly path: string;
  readonly text: string;
  readonly values: SecretTexts;
}

/** What a Worker needs beside its secrets, so that its own rules can judge them. */
const SURROUNDINGS = {
  ISSUER: 'http://127.0.0.1',
  DATABASES: '*=DB',
  HOSTS: '*=DB',
  ORGS: '*=DB',
  DB: {},
};

/** @throws Refusal when there is none, or when the Worker would not start with it. */
export async function readSecretsFile(path: string): Promise<SecretsFile> {
  const text = readIfThere(path);
  if (text === null) throw new Refusal(`There are no secrets: ${path}`);
  const file = { path, text, values: isJson(text) ? parseJson(path, text) : parseEnv(text) };
  await judge(file);
  return file;
}

/** Whole or not at all, for its owner alone. @throws Refusal when somebody else has written it meanwhile. */
export async function writeSecretsFile(file: SecretsFile, values: SecretTexts): Promise<void> {
  const { path } = file;
  const changed = Object.entries(values).filter(([name, value]) => file.values[name] !== value);
  const text = isJson(file.text)
    ? `${JSON.stringify(values, null, 2)}\n`
    : changed.reduce((before, [name, value]) => replaceLine(before, name, value ?? ''), file.text);
  const read = isJson(text) ? parseJson(path, text) : parseEnv(text);
  const isOfSeveralLines = changed.some(([name]) => file.values[name]?.includes('\n'));
  if (isOfSeveralLines || !isDeepStrictEqual({ ...read }, { ...values })) {
    throw new Refusal(`Each variable must be on one line of its own, given once: ${path}`);
  }
  await judge({ path, values });
  if (readIfThere(path) !== file.text) throw new Refusal(`It was changed meanwhile: ${path}`);
  writePrivate(path, text);
}

async function judge({ path, values }: Pick<SecretsFile, 'path' | 'values'>): Promise<void> {
  try {
    await openKeyring(parseConfig({ ...values, ...SURROUNDINGS }).secrets);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Refusal(`Broken secrets: ${error.message} (${path})`);
  }
}

function isJson(text: string): boolean {
  return text.trimStart().startsWith('{');
}

function parseJson(path: string, text: string): SecretTexts {
  try {
    return JSON.parse(text) as SecretTexts;
  } catch {
    // The parser's own message quotes what it stumbled over.
    throw new Refusal(`It is not JSON: ${path}`);
  }
}

/** In single quotes nothing is special to a dotenv reader; no secret of ours holds one. */
function replaceLine(text: string, name: string, value: string): string {
  const line = new RegExp(`^([ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=).*$`, 'm');
  return text.replace(line, (_, head: string) => `${head}'${value}'`);
}
