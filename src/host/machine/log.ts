/**
 * The log: pino on stderr, a JSON object a line, or for people where that is a terminal. pino is loaded with the first
 * line: a run that has nothing to say starts without it. Lines are kept until it is there, and none is lost by an exit.
 */
import { isatty } from 'node:tty';
import type { Logger } from 'pino';
import { wantsColor } from '../config/wants-color.ts';
import { writeWhole } from './write-whole.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
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

/** A log of that level and above. `open` gives the writer; pino's unless a test says otherwise. */
export function createLog(level: LogLevel, open: (level: LogLevel) => Promise<Logger> = openPino): Log {
  const waiting: Line[] = [];
  let logger: Logger | undefined;
  let opening = false;
  const write = (line: Line) => {
    if (logger) return logger[line.level](line.fields, line.message);
    waiting.push(line);
    if (opening) return;
    opening = true;
    process.once('exit', () => writeRaw(waiting.splice(0)));
    open(level).then(
      (opened) => {
        logger = opened;
        for (const kept of waiting.splice(0)) opened[kept.level](kept.fields, kept.message);
      },
      () => writeRaw(waiting.splice(0)),
    );
  };
  const writer = (lineLevel: LineLevel) => (message: string, fields?: LogFields) => {
    if (LEVELS[lineLevel] >= LEVELS[level]) write({ level: lineLevel, message, fields: writable(fields) });
  };
  return {
    trace: writer('trace'),
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  };
}

/** Both ways end in a synchronous write(2), so that a signal after a line does not lose it. */
async function openPino(level: LogLevel): Promise<Logger> {
  const { pino, destination, stdTimeFunctions } = (await import('pino')).default;
  const options = { level, base: { name: 'fwctl-emu', pid: process.pid }, timestamp: stdTimeFunctions.isoTime };
  const stderr = destination({ dest: STDERR, sync: true });
  if (!isatty(STDERR)) return pino(options, stderr);
  const { prettyFactory } = (await import('pino-pretty')).default;
  // As a formatter before the same destination: pino-pretty's own streams write from a thread, or late.
  const format = prettyFactory({
    colorize: wantsColor(process.env),
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,name',
    singleLine: true,
  });
  return pino(options, { write: (line: string) => void stderr.write(format(line)) });
}

/** Lines of a process that ends before pino is there, in pino's form. */
function writeRaw(lines: readonly Line[]): void {
  for (const { level, message, fields } of lines) {
    const time = new Date().toISOString();
    const line = { level: LEVELS[level], time, name: 'fwctl-emu', pid: process.pid, ...fields, msg: message };
    try {
      writeWhole(STDERR, Buffer.from(`${JSON.stringify(line)}\n`));
    } catch {
      // stderr is gone: nobody reads this.
    }
  }
}

/** JSON has no bigint: u64 values are hexadecimal text. */
function writable(fields: LogFields = {}): Record<string, unknown> {
  const plain = (value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value);
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
}
