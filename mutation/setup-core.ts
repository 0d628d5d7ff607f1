// Before every test file of the core alone.
import { expect } from 'vitest';
import '../test/support/iteration-cap.ts';
import { attributeCoverage } from './coverage.ts';

// All of it before any test: what runs now is static.
import.meta.glob('../src/core/**/*.ts', { eager: true });

attributeCoverage(expect.getState().testPath ?? '');
