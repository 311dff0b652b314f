/** The command line as data, for what is generated from it: manual page, completions. */
import type { Command } from 'commander';
import type { KeyFacts } from '../../host/config/device-keys.ts';
import type { Verbs } from '../command.ts';
import { addRunningVerbs, buildProgram } from '../program.ts';

export interface OptionFacts {
  /** `-c, --config <FILE>`. */
  readonly flags: string;
  /** `--config`, `-c`. */
  readonly names: readonly string[];
  readonly takesValue: boolean;
  readonly about: string;
  /** The only values, where they are fixed. */
  readonly choices: readonly string[];
}

export interface CommandFacts {
  /** `taint clear`; '' is the program itself. */
  readonly name: string;
  readonly about: string;
  /** `[options] <DEVICE>`. */
  readonly usage: string;
  readonly options: readonly OptionFacts[];
  readonly arguments: readonly string[];
  /** What the help says after the options. */
  readonly more: string;
  readonly commands: readonly CommandFacts[];
}

const nobody: Verbs = new Proxy({} as Verbs, { get: () => () => Promise.resolve(0) });

/** `keys`: those of a device. */
export async function commandTree(version: string, keys: Readonly<Record<string, KeyFacts>>): Promise<CommandFacts> {
  const written: string[] = [];
  const output = { out: (text: string) => void written.push(text), error: () => {} };
  const done = async () => {};
  const program = buildProgram(version, nobody, output, done, keys);
  await addRunningVerbs(program, nobody, output, done);
  const helpOf = (command: Command) => {
    written.length = 0;
    command.outputHelp();
    return written.join('');
  };
  return factsOf(program, '', helpOf);
}

function factsOf(command: Command, name: string, helpOf: (command: Command) => string): CommandFacts {
  const about = command.description();
  return {
    name,
    about,
    usage: command.usage(),
    options: command.options
      .filter((option) => !option.hidden)
      .map(({ flags, short, long, required, optional, description }) => ({
        flags,
        names: [long, short].filter((each): each is string => typeof each === 'string'),
        takesValue: required || optional,
        about: description,
        choices: choicesIn(description),
      })),
    arguments: command.registeredArguments.map((argument) => argument.name()),
    more: helpOf(command).slice(command.helpInformation().length).trim(),
    commands: command.commands
      .filter((child) => child.name() !== 'help')
      .map((child) => factsOf(child, `${name} ${child.name()}`.trim(), helpOf)),
  };
}

/** `choice` of program.ts writes its values behind the last colon; --abi its default behind those. */
function choicesIn(about: string): string[] {
  return /: ([a-z0-9.-]+(?:, [a-z0-9.-]+)+)(?: \(default|$)/.exec(about)?.[1]?.split(', ') ?? [];
}

/** The command and all below it, without the program itself. */
export function allCommands(root: CommandFacts): CommandFacts[] {
  return root.commands.flatMap((command) => [command, ...allCommands(command)]);
}

export function lastWord({ name }: CommandFacts): string {
  return name.slice(name.lastIndexOf(' ') + 1);
}
