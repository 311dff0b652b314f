#!/usr/bin/env node
// Bundles the command line into one file, dist/bundle/cli/main.cjs: Node takes a third of a millisecond to find and load a module, and
// `run` has two hundred. CommonJS, because Node loads it sooner than a linked graph; what is imported lazily stays lazy inside.
// Packages that most runs do not need are left where npm put them. The depth is that of dist/src/cli, so that paths relative to a
// module hold in both.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outfile: 'dist/bundle/cli/main.cjs',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  external: ['pino', 'pino-pretty', 'yaml', 'zod'],
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'warning',
});
