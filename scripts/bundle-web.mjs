// Bundles the pages of web/ into one file, dist/bundle/web/inspector.html: script and style are in it, so that the same
// file is the live inspector and, with its data put in, a report that needs no network. Its own policy lets nothing run
// but this script. The licence of what is bundled comes to the others in dist/bundle/LICENCES.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Bytes, compressed by gzip: all of the page. */
const MOST = 100 * 1024;

/** Gives the metafile's inputs, for their licences. */
export async function bundleWeb() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['web/main.tsx', 'web/style.css'],
    bundle: true,
    minify: true,
    write: false,
    outdir: 'dist/bundle/web',
    format: 'iife',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfig: 'web/tsconfig.json',
    logLevel: 'warning',
    metafile: true,
  });
  const textOf = (end) => outputFiles.find(({ path }) => path.endsWith(end)).text.trim();
  // An end tag in a string of the script would end the script.
  const script = textOf('.js').replaceAll('</script', '<\\/script');
  const style = textOf('.css');
  const hash = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
  const parts = { STYLE: style, SCRIPT: script, 'STYLE-HASH': hash(style), 'SCRIPT-HASH': hash(script) };
  const page = readFileSync(`${root}web/page.html`, 'utf8').replace(
    /STYLE-HASH|SCRIPT-HASH|STYLE|SCRIPT/g,
    (name) => parts[name],
  );
  const size = gzipSync(page).length;
  if (size > MOST) throw new Error(`the inspector's page has ${size} bytes compressed, ${MOST} at most`);
  mkdirSync(`${root}dist/bundle/web`, { recursive: true });
  writeFileSync(`${root}dist/bundle/web/inspector.html`, page);
  return metafile.inputs;
}
