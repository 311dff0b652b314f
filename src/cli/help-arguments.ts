/**
 * Whose help is asked for, as `help NAME...` or `NAME... --help`. commander shows the program's own help, and no error,
 * where NAME is no command, and that of `A` for `help A B`.
 */
import type { Command } from 'commander';

/** What to parse instead; an unknown name stays without the request for help: it is refused. `at`: the verb, or -1. */
export function helpArguments(program: Command, args: readonly string[], at: number): readonly string[] {
  if (at < 0) return args;
  const byVerb = args[at] === 'help';
  const names: string[] = [];
  let command = program;
  for (const word of args.slice(byVerb ? at + 1 : at)) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined && (word.startsWith('-') || takesWords(command))) break;
    names.push(word);
    if (next === undefined) return [...args.slice(0, at), ...names];
    command = next;
  }
  return byVerb ? [...args.slice(0, at), ...names, '--help'] : args;
}

function takesWords(command: Command): boolean {
  return command.commands.length === 0 || command.registeredArguments.length > 0;
}
