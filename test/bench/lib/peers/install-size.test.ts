// What an installed package reaches, by the lock file.
import { expect, test } from 'vitest';
import { type LockedPackages, listReachable } from '../../../../bench/lib/peers/install-size.ts';

const PACKAGES: LockedPackages = {
  '': { dependencies: { server: '1.0.0', other: '1.0.0' } },
  'node_modules/server': {
    dependencies: { '@scope/store': '^1.0.0', shared: '^2.0.0' },
    peerDependencies: { router: '^4.0.0', react: '^19.0.0' },
    peerDependenciesMeta: { react: { optional: true } },
    optionalDependencies: { 'other-platform': '^1.0.0' },
  },
  'node_modules/server/node_modules/shared': { dependencies: { '@scope/store': '^1.0.0' } },
  'node_modules/shared': {},
  'node_modules/@scope/store': { dependencies: { server: '^1.0.0', shared: '^1.0.0' } },
  'node_modules/router': {},
  'node_modules/react': {},
  'node_modules/other': { dependencies: { shared: '^1.0.0' } },
};

test('counts each package once that is needed, in circles as well', () => {
  expect(listReachable(PACKAGES, ['server']).toSorted()).toEqual([
    'node_modules/@scope/store',
    'node_modules/router',
    'node_modules/server',
    'node_modules/server/node_modules/shared',
    'node_modules/shared',
  ]);
});

test('takes the version beside the one that needs it before one further out', () => {
  const reached = listReachable(PACKAGES, ['other']);
  expect(reached).toEqual(['node_modules/other', 'node_modules/shared']);
});

test('leaves out what was not installed', () => {
  expect(listReachable(PACKAGES, ['nowhere'])).toEqual([]);
});
