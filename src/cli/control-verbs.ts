/** The control socket's verbs on the command line: commands, arguments, options and help from the methods' rows. */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Method, Param, Values } from '../control/method.ts';
import { METHODS } from '../control/methods.ts';
import { DEFAULT_SOCKET, SOCKET_VARIABLE } from '../control/protocol.ts';
import { type ControlCall, choice, collect, type Done, type Output, type Verbs, verb } from './command.ts';

interface ControlVerbParts {
  readonly call: ControlCall;
  readonly traceReport: Verbs['traceReport'];
  readonly output: Output;
  readonly done: Done;
}

/** Where a verb finds its emulator. */
const SOCKET_HELP = `the emulator's socket (default: $${SOCKET_VARIABLE}, which "run" sets, or ${DEFAULT_SOCKET})`;

/** Adds a command for each row with a verb; one of two words is a command of its first word's. */
export function addControlVerbs(program: Command, parts: ControlVerbParts): void {
  for (const row of METHODS) {
    if (row.verb === undefined) continue;
    const words = row.verb.split(' ');
    const name = words.at(-1) ?? '';
    addVerb(words.length === 1 ? program : parentOf(program, words[0] ?? '', parts), name, row, parts);
  }
}

/** First words that are no methods by themselves. */
const GROUPS: Readonly<Record<string, string>> = {
  fault: 'let calls fail, be late, or be answered wrongly, from now on',
};

/** The command of the first word, which may itself be no method. */
function parentOf(program: Command, name: string, { output }: ControlVerbParts): Command {
  const known = program.commands.find((command) => command.name() === name);
  return known ?? verb(program, name, GROUPS[name] ?? `see "fwctl-emu ${name} --help"`, output);
}

function addVerb(parent: Command, name: string, row: Method, parts: ControlVerbParts): void {
  const command = verb(parent, name, row.about, parts.output).enablePositionalOptions();
  const rows = Object.entries(row.params).filter(([, param]) => param.hidden !== true);
  const inArguments = rows.filter(([, param]) => param.argument !== undefined);
  for (const [, param] of inArguments) {
    command.argument(param.required === true ? `<${param.argument}>` : `[${param.argument}]`, lower(param.about));
  }
  const inOptions = rows.filter((each) => !inArguments.includes(each));
  for (const [option, param] of inOptions) command.addOption(optionOf(option, param));
  const text = 'mediaType' in row.answer;
  if (!text) command.option('--json', 'print the answer as JSON');
  else if (row.params.format !== undefined) command.option('--json', 'the same as --format json');
  command.option('--socket <PATH>', SOCKET_HELP);
  if (row.help !== undefined) command.addHelpText('after', `\n${row.help}`);
  // A trace that was written to a file is looked at without an emulator.
  const past = row.verb === 'trace';
  if (past)
    command.argument('[FILE]', 'a trace that was written to *.jsonl').option('--report <HTML>', 'write FILE as a page');
  command.action((...given: unknown[]) => {
    const options = command.opts<Record<string, unknown>>();
    if (past && (given[0] !== undefined || options.report !== undefined)) {
      if (given[0] === undefined || options.report === undefined)
        return command.error('error: FILE and --report HTML belong together');
      return parts.done(parts.traceReport(given[0] as string, options.report as string));
    }
    const values: Record<string, Values[string]> = {};
    for (const [i, [name, { kind }]] of inArguments.entries()) {
      const text = given[i] as string | undefined;
      values[name] = kind === 'file' && text !== undefined ? resolve(text) : text;
    }
    for (const [option] of inOptions) values[option] = options[camel(option)] as Values[string];
    const json = options.json === true;
    if (json && text && values.format === undefined) values.format = 'json';
    return parts.done(parts.call(row, values, { json, socket: options.socket as string | undefined }));
  });
}

function optionOf(name: string, param: Param): Option {
  const flag = `--${name.replaceAll('_', '-')}`;
  const about = lower(param.about);
  if (param.kind === 'flag') return new Option(flag, about);
  const flags = `${flag} <${param.placeholder ?? 'VALUE'}>`;
  if (param.kind === 'choice') return choice(flags, about, param.choices ?? []);
  if (param.kind === 'list') return new Option(flags, `${about}; may be given again`).argParser(collect);
  const option = new Option(flags, about);
  return param.kind === 'integer' ? option.argParser((text) => wholeNumber(text, param.min ?? 0)) : option;
}

function wholeNumber(text: string, min: number): number {
  if (/^\d{1,15}$/.test(text) && Number(text) >= min) return Number(text);
  throw new InvalidArgumentError(min === 0 ? 'A whole number.' : `A whole number from ${min} on.`);
}

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** As the start of a help line; names in capitals (PCI) stay. */
function lower(text: string): string {
  return /^[A-Z][a-z]/.test(text) || text.startsWith('A ') ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
