/** `fwctl-emu profile`: how it is asked for. What is done is in profile-verbs.ts, loaded when asked for. */
import type { Command } from 'commander';
import { EXIT } from '../../host/config/cli-error.ts';
import type { DriverRow } from '../../host/machine/driver-row.ts';
import type { CaptureOptions } from './profile-verbs.ts';

/** What program.ts lends to a family of verbs. */
export interface ProfileVerbParts {
  /** A command of `parent` with the program's manners. */
  readonly verb: (parent: Command, name: string, about: string) => Command;
  /** Takes the result over as the exit status. */
  readonly done: (result: Promise<number>) => Promise<void>;
  readonly out: (text: string) => void;
  readonly drivers: () => Promise<readonly DriverRow[]>;
}

const HELP = `
A PROFILE is the name of a built-in one or the path of a YAML or JSON file (docs/profiles.md); a path has a "/" or ends in
.yaml, .yml or .json. Use one with:  fwctl-emu run --device ./my.yaml -- COMMAND   or  profile: ./my.yaml  in a configuration.

Examples:
  fwctl-emu profile show connectx6dx > my.yaml
  fwctl-emu profile check my.yaml
  fwctl-emu profile diff connectx6dx my.yaml
  fwctl-emu profile capture fwctl0 -o lab-card.yaml`;

export function addProfileVerbs(program: Command, { verb, done, out, drivers }: ProfileVerbParts): void {
  const profile = verb(program, 'profile', 'list, show, compare, examine and capture device profiles')
    .helpCommand(false)
    .addHelpText('after', HELP);
  /** Runs a function of profile-verbs.ts, prints what it gives. */
  type Work<T> = (verbs: typeof import('./profile-verbs.ts'), rows: readonly DriverRow[]) => T | Promise<T>;
  const loaded = async <T>(work: Work<T>): Promise<T> => {
    const [verbs, rows] = await Promise.all([import('./profile-verbs.ts'), drivers()]);
    return work(verbs, rows);
  };
  const print = (work: Work<string>) =>
    done(
      loaded(work).then((text) => {
        out(text);
        return EXIT.ok;
      }),
    );

  verb(profile, 'list', 'print the names of the built-in profiles')
    .option('--json', 'print JSON')
    .action(({ json = false }: Json) => print(({ listProfiles }, rows) => listProfiles(rows, json)));
  verb(profile, 'show', 'print a profile, whole, as YAML')
    .argument('<PROFILE>', 'a name or a file')
    .option('--json', 'print JSON')
    .action((name: string, { json = false }: Json) => print(({ showProfile }, rows) => showProfile(rows, name, json)));
  verb(profile, 'diff', 'print the values in which two profiles differ; exit status 1 if there are any')
    .argument('<A>', 'a name or a file')
    .argument('<B>', 'a name or a file')
    .option('--json', 'print JSON')
    .action((a: string, b: string, { json = false }: Json) =>
      done(
        loaded(({ diffProfiles }, rows) => diffProfiles(rows, a, b, json)).then(({ text, same }) => {
          out(text);
          return same ? EXIT.ok : EXIT.failure;
        }),
      ),
    );
  verb(profile, 'check', 'examine a profile file')
    .argument('<FILE>', 'a profile in YAML or JSON')
    .addHelpText('after', '\nProblems are printed one a line, as FILE:LINE:COLUMN: MESSAGE; the exit status is then 1.')
    .action((file: string) => print(({ checkProfile }, rows) => checkProfile(rows, file)));
  verb(profile, 'capture', 'build a profile by asking a device, real or emulated')
    .argument('<DEVICE>', 'fwctl0, 0, or the path of a node')
    .option('-o, --output <FILE>', 'write it to FILE, which must not exist, instead of standard output')
    .option('--name <NAME>', 'the name in the profile', 'captured')
    .option('--title <TEXT>', 'the title in the profile (default: the model description)')
    .option('--json', 'write JSON')
    .addHelpText('after', CAPTURE_HELP)
    .action((device: string, options: CaptureOptions) => print(({ capture }, rows) => capture(rows, device, options)));
}

interface Json {
  readonly json?: boolean;
}

const CAPTURE_HELP = `
The device is only asked, never changed: queries and reads, in scope DEBUG_READ_ONLY (1), or in scope 0 where a
kernel of the v2 series wants that.`;
