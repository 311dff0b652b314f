/**
 * Shadows of real directories: a directory of ours in the real one's place, which holds all that the real one holds
 * (links copied, the rest bound) and what we add, at any time. Hence no overlay: its lower layers must not change while
 * mounted, it refuses locked submounts in a user namespace, and every file under it is read-only.
 */
import { optionalStep, type Step } from './steps.ts';

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: 'directory' | 'link' | 'other';
  /** A link's text. */
  readonly target?: string;
}

/** What a real directory holds; undefined: there is none, or it may not be read. */
export type Listing = (path: string) => readonly DirectoryEntry[] | undefined;

export interface Shadow {
  /** Directories, empty files and links to make, by path; parents come first. */
  readonly directories: string[];
  readonly files: string[];
  readonly links: { readonly path: string; readonly target: string }[];
  /** Binds of the real entries onto those; each may fail: the entry may be gone by then. */
  readonly binds: Step[];
}

/**
 * What becomes of a directory of ours that the machine has too: all of it is shown, nothing, or all but its links,
 * which somebody else shows.
 */
export type OwnKind = 'merged' | 'alone' | 'live';

export function emptyShadow(): Shadow {
  return { directories: [], files: [], links: [], binds: [] };
}

/**
 * Adds to `shadow` what stands for the directory `real`. `place`: where it is made, relative to the view's tmpfs;
 * `root`: that tmpfs's path, for the binds. `own`: our directories, and what they hold beside ours. `taken`: whether we
 * fill a place otherwise: the real entry of that name is left out.
 */
export function shadowDirectory(
  shadow: Shadow,
  real: string,
  place: string,
  root: string,
  own: ReadonlyMap<string, OwnKind>,
  taken: (place: string) => boolean,
  listing: Listing,
): void {
  shadow.directories.push(place);
  const live = own.get(place) === 'live';
  for (const entry of listing(real) ?? []) {
    const at = `${place}/${entry.name}`;
    // nobody is asked for what is shown otherwise: for `taken` thousands of names may have to be made
    if (own.has(at) || (live && entry.kind === 'link') || taken(at)) continue;
    if (entry.kind === 'link') {
      shadow.links.push({ path: at, target: entry.target ?? '' });
    } else if (entry.kind === 'directory') {
      shadow.directories.push(at);
      shadow.binds.push(optionalStep('rbind', `${real}/${entry.name}`, `${root}/${at}`));
    } else {
      shadow.files.push(at);
      shadow.binds.push(optionalStep('bind', `${real}/${entry.name}`, `${root}/${at}`));
    }
  }
  for (const [path, how] of own) {
    const name = path.slice(place.length + 1);
    if (!path.startsWith(`${place}/`) || name.includes('/')) continue;
    if (how === 'alone') shadow.directories.push(path);
    else shadowDirectory(shadow, `${real}/${name}`, path, root, own, taken, listing);
  }
}
