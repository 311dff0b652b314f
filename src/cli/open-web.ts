/** `--web`: the inspector where it was asked for; its modules are loaded then. */
import type { Inspector, InspectorOf } from './web.ts';

/** Throws CliError. `at`: the option's value; undefined: it was not given. */
export async function openWeb(at: string | undefined, of: InspectorOf): Promise<Inspector | undefined> {
  if (at === undefined) return undefined;
  const { openInspector } = await import('./web.ts');
  return openInspector(at, of);
}
