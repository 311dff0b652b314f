/** The client's end of the control socket: a method called by its row. For the command line and for test kits. */
import { type Stats, statSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { fileKind } from '../host/config/file-kind.ts';
import { type Method, pathParams, type Values } from './method.ts';
import { DEFAULT_SOCKET, type ErrorBody, SOCKET_VARIABLE } from './protocol.ts';
import { ENDED, rawRequest } from './raw-request.ts';

export type { Values };

/** No emulator answers, or it refuses. */
export class ControlFailure extends Error {
  override readonly name = 'ControlFailure';
  /** HTTP status; 0: nobody answered. */
  readonly status: number;
  /** ErrorBody's code, or the errno's name of a connection that failed. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Where the emulator listens: as asked, or the surrounding `run`, or the machine's `serve`. */
export function socketPath(asked: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  return asked ?? env[SOCKET_VARIABLE] ?? DEFAULT_SOCKET;
}

/** Calls a method; its answer: parsed JSON, or text for a row that answers text. Rejects with ControlFailure. */
export async function callMethod(socket: string, method: Method, values: Values): Promise<unknown> {
  const { target, body } = requestOf(method, values);
  const { status, content } = await rawRequest(socket, method.http, target, body).catch((error) => {
    throw error.code === ENDED ? new ControlFailure(0, ENDED, ENDED_EARLY) : unreachable(socket, error);
  });
  if (status !== 200) throw refusal(status, content);
  return 'mediaType' in method.answer ? content : JSON.parse(content);
}

/** Calls a method that streams; resolves with the stream when it has begun. Rejects with ControlFailure. */
export async function openStream(socket: string, method: Method, values: Values): Promise<IncomingMessage> {
  const { request } = await import('node:http');
  const { target, body } = requestOf(method, values);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const call: ClientRequest = request({
      socketPath: socket,
      method: method.http,
      path: target,
      agent: false,
      headers:
        body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    call.once('response', resolve);
    call.once('error', (error: NodeJS.ErrnoException) => reject(unreachable(socket, error)));
    call.end(body);
  });
  const status = response.statusCode ?? 0;
  if (status === 200) return response;
  throw refusal(status, await text(response));
}

/** The request's target, and its body where it has one. */
function requestOf({ http, path }: Method, values: Values): { target: string; body: string | undefined } {
  const inPath = pathParams(path);
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const rest = given.filter(([name]) => !inPath.includes(name));
  const target = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name] ?? '')));
  if (http === 'POST' || http === 'PUT') return { target, body: JSON.stringify(Object.fromEntries(rest)) };
  const pairs = rest.map(([name, value]): [string, string] => [name, String(value)]);
  return { target: pairs.length === 0 ? target : `${target}?${new URLSearchParams(pairs)}`, body: undefined };
}

const ENDED_EARLY = 'the emulator ended in the middle of its answer';

function text(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let content = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      content += chunk;
    });
    response.once('end', () => resolve(content));
    response.once('error', () => reject(new ControlFailure(0, ENDED, ENDED_EARLY)));
  });
}

function refusal(status: number, content: string): ControlFailure {
  try {
    const { error } = JSON.parse(content) as ErrorBody;
    return new ControlFailure(status, error.code, error.message);
  } catch {
    return new ControlFailure(status, 'no_emulator', `this is no fwctl-emu: it answered ${status}`);
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'is no socket: start "fwctl-emu serve", be inside "fwctl-emu run", or give --socket PATH',
  ENOTDIR: 'is no socket: give another --socket PATH',
  ECONNREFUSED: 'is of an emulator that has ended: start "fwctl-emu serve" again',
  ECONNRESET: 'broke off: the emulator has ended, or systemd could not start it (journalctl -u fwctl-emu)',
  EACCES: 'may not be used by you: ask for its group (see --control-group of "fwctl-emu serve")',
};

function unreachable(socket: string, { code = '', message }: NodeJS.ErrnoException): ControlFailure {
  const kind = code === 'ECONNREFUSED' ? otherKind(socket) : undefined;
  const why =
    kind === undefined
      ? (REMEDIES[code] ?? `does not answer (${code === '' ? message : code})`)
      : `is ${kind} and no socket: give another --socket PATH`;
  return new ControlFailure(0, code, `no emulator can be reached: ${socket} ${why}`);
}

/** connect(2) says ECONNREFUSED of whatever is no socket too. Undefined: it is one, or cannot be looked at. */
function otherKind(path: string): string | undefined {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch {
    return undefined;
  }
  return stats.isSocket() ? undefined : fileKind(stats);
}
