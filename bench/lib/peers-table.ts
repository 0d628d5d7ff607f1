// The peers, a row each.
import { tellNumber } from './figures.ts';
import { type Point, readText } from './points.ts';

interface Column {
  readonly head: string;
  readonly tell: (point: Point) => string;
}

/** Of some there is no such figure: their hash cannot be asked for, or taken out. */
function tellFields(...fields: readonly string[]): Column['tell'] {
  return (point) =>
    fields
      .map((field) => point[field])
      .map((value) => (typeof value === 'number' ? tellNumber(value) : '–'))
      .join(' / ');
}

const COLUMNS: readonly Column[] = [
  { head: 'What', tell: (point) => readText(point, 'name') },
  { head: 'Hash', tell: (point) => readText(point, 'hash') },
  { head: 'Storage', tell: (point) => readText(point, 'storage') },
  { head: 'Sign-in, p50 / p99, ms', tell: tellFields('signInP50', 'signInP99') },
  { head: 'Change, p50 / p99, ms', tell: tellFields('changeP50', 'changeP99') },
  { head: 'Hash alone, p50, ms', tell: tellFields('hashP50') },
  { head: 'Sign-in less its hash, ms', tell: tellFields('overHash') },
  {
    head: 'Sign-in / change with the hash taken out, p50, ms',
    tell: tellFields('bareSignInP50', 'bareChangeP50'),
  },
  { head: 'CPU of a sign-in / change, ms', tell: tellFields('signInCpu', 'changeCpu') },
  { head: 'Sign-ins a second and core', tell: tellFields('signInsPerCore') },
  {
    head: 'Sign-ins / changes a second, 8 connections',
    tell: tellFields('signInsPerSecond', 'changesPerSecond'),
  },
  { head: 'Cold start, ms', tell: tellFields('coldStart') },
  { head: 'Memory, MB', tell: tellFields('residentMegabytes') },
  { head: 'Installed, MB', tell: tellFields('installMegabytes') },
];

export function tellPeers(points: readonly Point[]): {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  return {
    heads: COLUMNS.map(({ head }) => head),
    rows: points.map((point) => COLUMNS.map(({ tell }) => tell(point))),
  };
}
