/**
 * The log: pino's, a JSON object a line, or for people (where stderr is a terminal, unless told). pino is loaded with
 * the first line: a run that has nothing to say starts without it. Lines are kept until it is there, and none is lost
 * by an exit.
 */
import { isatty } from 'node:tty';
import type { Logger } from 'pino';
import { plainLine } from '../config/plain-text.ts';
import { wantsColor } from '../config/wants-color.ts';
import { writeWhole } from './write-whole.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
/** A JSON object a line, or for people. */
export type LogFormat = 'json' | 'text';
export type LogFields = Readonly<Record<string, unknown>>;

type LineLevel = Exclude<LogLevel, 'fatal' | 'silent'>;

export type Log = Readonly<Record<LineLevel, (message: string, fields?: LogFields) => void>>;

/** pino's own numbers; `silent` is above all. */
const LEVELS: Readonly<Record<LogLevel, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Number.POSITIVE_INFINITY,
};

interface Line {
  readonly level: LineLevel;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

const STDERR = 2;

/** Where lines go, with their newlines. Does not throw. */
export interface LogOutput {
  write(text: string): void;
}

/** Nothing else may have to be done meanwhile: it waits for the reader. */
const WAITING: LogOutput = {
  write(text) {
    try {
      writeWhole(STDERR, Buffer.from(text));
    } catch {
      // stderr is gone: nobody reads this.
    }
  },
};

/** A log of that level and above; without `format` as stderr is. `end`: what waits for pino is written without it. */
export function createLog(level: LogLevel, output: LogOutput = WAITING, format?: LogFormat): Log & { end(): void } {
  const waiting: Line[] = [];
  const end = () => {
    for (const line of waiting.splice(0)) output.write(rawText(line));
  };
  let logger: Logger | undefined;
  let opening = false;
  const write = (line: Line) => {
    if (logger) return logger[line.level](line.fields, line.message);
    waiting.push(line);
    if (opening) return;
    opening = true;
    process.once('exit', end);
    openPino(level, output, format).then((opened) => {
      logger = opened;
      for (const kept of waiting.splice(0)) opened[kept.level](kept.fields, kept.message);
    }, end);
  };
  const writer = (lineLevel: LineLevel) => (message: string, fields?: LogFields) => {
    if (LEVELS[lineLevel] >= LEVELS[level]) write({ level: lineLevel, message, fields: writable(fields) });
  };
  return {
    end,
    trace: writer('trace'),
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  };
}

async function openPino(level: LogLevel, output: LogOutput, asked: LogFormat | undefined): Promise<Logger> {
  const { pino, stdTimeFunctions } = (await import('pino')).default;
  const options = { level, base: { name: 'fwctl-emu', pid: process.pid }, timestamp: stdTimeFunctions.isoTime };
  const terminal = isatty(STDERR);
  if ((asked ?? (terminal ? 'text' : 'json')) === 'json') return pino(options, output);
  const { prettyFactory } = (await import('pino-pretty')).default;
  // As a formatter before the same output: pino-pretty's own streams write from a thread, or late.
  const format = prettyFactory({
    colorize: terminal && wantsColor(process.env),
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,name',
    singleLine: true,
    messageFormat: (line, key) => plainLine(String(line[key])),
  });
  return pino(options, { write: (line: string) => output.write(format(line)) });
}

/** A line without pino, in its form. */
export function rawText({ level, message, fields }: Line): string {
  const time = new Date().toISOString();
  const line = { level: LEVELS[level], time, name: 'fwctl-emu', pid: process.pid, ...fields, msg: message };
  return `${JSON.stringify(line)}\n`;
}

/** JSON has no bigint: u64 values are hexadecimal text. */
function writable(fields: LogFields = {}): Record<string, unknown> {
  const plain = (value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value);
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
}
