// What stands for what is not known beforehand: {{name}} for what is, <shape> and <shape:name> for what is to come.

/** Of one exchange or scenario. */
export type Names = Map<string, string>;

/** Each says all that may be said of a value that is random or the time of day. */
const SHAPES: Readonly<Record<string, string>> = {
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}',
  jwt: '[\\w-]+\\.[\\w-]+\\.[\\w-]{86}',
  // Its kind, its place, and 256 bits in base64url.
  opaque: 'rk[lrs]_[a-z0-9-]+_[\\w-]{43}',
  id: '[\\w.-]+',
  password: '\\S{15,}',
  // Of a whole second protobuf writes no fraction.
  time: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{3})?Z',
  seconds: '[1-9]\\d{0,3}',
  number: '\\d+',
};

const HOLE = /<(\w+)(?::(\w+))?>/g;

/** {{x*3}} is xxx. A name may stand for text that holds names. */
export function fillNames(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/\{\{([^{}]+)\}\}/g, (_, inner: string) => {
    const [, filler, times] = /^(.)\*(\d+)$/.exec(inner) ?? [];
    if (filler !== undefined) return filler.repeat(Number(times));
    const value = names.get(inner);
    if (value === undefined) throw new Error(`nothing is called ${inner}`);
    return fillNames(value, names);
  });
}

/** base64(text), as the contract writes it, is sent encoded. */
export function encodeBase64(header: string): string {
  return header.replace(/base64\((.*)\)$/, (_, text: string) =>
    Buffer.from(text, 'utf8').toString('base64'),
  );
}

/**
 * The pattern with each text that fits replaced by the actual one: equal to it when all fit. A hole with a name keeps
 * its value for the requests after; the same hole twice is the same value twice.
 */
export function fillHoles(pattern: unknown, actual: unknown, names: Names, seen: Names): unknown {
  if (typeof pattern === 'string') {
    return typeof actual === 'string' && fits(pattern, actual, names, seen) ? actual : pattern;
  }
  if (typeof pattern !== 'object' || pattern === null) return pattern;
  const at = (key: string | number) =>
    typeof actual === 'object' && actual !== null
      ? (actual as Readonly<Record<string, unknown>>)[key]
      : undefined;
  if (Array.isArray(pattern)) {
    return pattern.map((item, index) => fillHoles(item, at(index), names, seen));
  }
  return Object.fromEntries(
    Object.entries(pattern).map(([key, item]) => [key, fillHoles(item, at(key), names, seen)]),
  );
}

function fits(pattern: string, actual: string, names: Names, seen: Names): boolean {
  const holes = [...pattern.matchAll(HOLE)];
  const literals = pattern.split(/<\w+(?::\w+)?>/).map(escapeLiteral);
  const source = literals.reduce(
    (text, literal, index) => `${text}(${findShape(holes[index - 1]?.[1])})${literal}`,
  );
  const values = new RegExp(`^${source}$`).exec(actual)?.slice(1);
  if (values === undefined) return false;
  return holes.every(([hole, , name], index) => {
    const value = values[index] ?? '';
    if ((seen.get(hole) ?? value) !== value) return false;
    seen.set(hole, value);
    if (name !== undefined) names.set(name, value);
    return true;
  });
}

function escapeLiteral(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function findShape(name = ''): string {
  const shape = SHAPES[name];
  if (shape === undefined) throw new Error(`no shape is called ${name}`);
  return shape;
}
