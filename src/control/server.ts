/**
 * The control socket's server: HTTP/1.1 over connections that somebody else accepts (listen.ts). A request is either
 * carried out whole or refused with a 4xx that says why, and then nothing has changed.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Connections } from './connections.ts';
import type { ControlContext } from './context.ts';
import { LIMITS, type Limits } from './limits.ts';
import { LineStream } from './line-stream.ts';
import type { Method, StreamStart } from './method.ts';
import type { Client } from './owner.ts';
import { bareAnswer, ControlError, type ErrorBody } from './protocol.ts';
import { bodyLimit, RequestBody } from './request-body.ts';
import { MethodNotAllowed, Router } from './router.ts';

/** What stands before the methods where not a socket's mode says who may use them: the inspector's web page. */
export interface Front {
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Throws ControlError. A page: that is the answer, and no method is asked; otherwise who it is. */
  admit(request: IncomingMessage): { readonly page: string; readonly type: string } | Client;
}

/** How long a reader may take nothing when the emulator ends, and between two looks, ms. */
const PATIENCE_MS = 5000;
const LOOK_MS = 10;
/** Requests that one connection has sent ahead of their answers; further ones are not read yet. */
const MAX_AHEAD = 16;

/** The requests of one connection: each is carried out when the one before is answered, as RFC 9112 9.3.2 has it. */
interface Line {
  readonly of: Connections;
  last: Promise<void>;
  waiting: number;
  /** Of the newest request. */
  body: RequestBody | undefined;
}

export class ControlServer {
  private readonly http: Server;
  private readonly router: Router;
  private readonly context: ControlContext;
  private readonly bug: (error: unknown) => void;
  private readonly limits: Limits;
  private readonly front: Front | undefined;
  private readonly streams = new Set<LineStream>();
  private readonly answers = new Set<ServerResponse>();
  private readonly lines = new WeakMap<Socket, Line>();
  private finishing = false;

  /** `bug`: gets what nobody foresaw; the client is answered 500. */
  constructor(
    methods: readonly Method[],
    context: ControlContext,
    bug: (error: unknown) => void,
    limits: Limits = LIMITS,
    front?: Front,
  ) {
    this.front = front;
    this.router = new Router(methods);
    this.context = context;
    this.bug = bug;
    this.limits = limits;
    this.http = createServer(limits);
    this.http.on('request', (request, response) => this.take(request, response, () => {}));
    this.http.on('checkContinue', (request, response) => this.take(request, response, () => response.writeContinue()));
    this.http.on('connect', ({ url }, socket) => {
      const refusal = new ControlError(405, 'method_not_allowed', `${url?.slice(0, 200)} is nothing to connect to`);
      socket.end(bareAnswer(refusal));
    });
    this.http.on('clientError', (error: NodeJS.ErrnoException, socket) => this.badRequest(error, socket as Socket));
    // Undocumented, since 0.x: a client that has sent its last request may say so before it is answered.
    Object.assign(this.http, { httpAllowHalfOpen: true });
    // It never listens itself, and looks after its limits from this event on.
    this.http.emit('listening');
  }

  /** Serves one connection, of which nothing has been read. */
  connection(socket: Socket, of: Connections): void {
    this.lines.set(socket, { of, last: Promise.resolve(), waiting: 0, body: undefined });
    this.http.emit('connection', socket);
    socket.resume();
  }

  /** Ends the streams; resolves when all readers have what was sent to them, or have taken nothing of it for long. */
  async finish(): Promise<void> {
    this.finishing = true;
    for (const stream of [...this.streams]) stream.end();
    let before = 0;
    for (let idle = 0; idle < PATIENCE_MS; idle += LOOK_MS) {
      const left = [...this.answers].reduce((sum, answer) => sum + unsent(answer), 0);
      if (left === 0) return;
      if (left !== before) idle = 0;
      before = left;
      await pause(LOOK_MS);
    }
  }

  /** Ends the streams; connections are the listener's. */
  close(): void {
    for (const stream of [...this.streams]) stream.end();
    this.http.closeAllConnections();
    this.http.close();
  }

  /** Puts a request, of which the head has come, into its connection's line. `goOn`: asks for the body. */
  private take(request: IncomingMessage, response: ServerResponse, goOn: () => void): void {
    const { socket } = request;
    const line = this.lines.get(socket);
    if (line === undefined) return;
    const { of } = line;
    of.busy(socket);
    if (++line.waiting > MAX_AHEAD) socket.pause();
    const body = new RequestBody(request, goOn);
    line.body = body;
    line.last = line.last.then(async () => {
      this.answers.add(response);
      await this.answer(request, response, body).catch((error: unknown) => this.refuse(request, response, error));
      await sent(response, socket, this.limits.answerTimeout);
      this.answers.delete(response);
      if (--line.waiting > 0) return;
      of.free(socket);
      socket.resume();
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse, sentBody: RequestBody): Promise<void> {
    if (this.finishing) throw new ControlError(503, 'ending', 'the emulator is about to end');
    if (request.httpVersionMajor !== 1) throw new ControlError(400, 'bad_request', NO_HTTP);
    const admitted = this.front?.admit(request) ?? { uid: () => this.context.peerUid(request.socket) };
    if ('page' in admitted) return this.send(response, admitted.type, admitted.page);
    const url = request.url ?? '/';
    const end = url.indexOf('?');
    const { method, schema, path } = this.router.route(request.method ?? '', end < 0 ? url : url.slice(0, end));
    const query = readQuery(end < 0 ? '' : url.slice(end + 1), path);
    const body = await sentBody.text(bodyLimit(method));
    if (!schema.hasBody && body !== '') {
      const why = `${method.http} ${method.path} takes no body; its parameters are in the query`;
      throw new ControlError(400, 'unexpected_body', why);
    }
    const params = schema.read({ ...query, ...path }, schema.hasBody ? parseJson(body) : undefined);
    const result = await method.handle(params, this.context, admitted);
    if (isStream(result)) return this.stream(result, response);
    const text = 'mediaType' in method.answer;
    const type = text ? String(method.answer.mediaType) : 'application/json';
    this.send(response, type, text ? String(result) : `${JSON.stringify(result)}\n`);
  }

  private send(response: ServerResponse, type: string, content: string): void {
    const length = { 'content-type': type, 'content-length': Buffer.byteLength(content) };
    response.writeHead(200, { ...this.front?.headers, ...length }).end(content);
  }

  private async stream(start: StreamStart, response: ServerResponse): Promise<void> {
    if (this.streams.size >= this.limits.streams && !this.endStopped()) {
      throw new ControlError(
        429,
        'too_many_readers',
        `${this.limits.streams} traces are being read already; end one of them`,
      );
    }
    const stream = new LineStream(response, start.encoding, (count) => start.dropped(count));
    this.streams.add(stream);
    stream.onClose(() => this.streams.delete(stream));
    response.on('close', () => stream.end());
    // Who reads on has no reason to say that no request comes any more; who has gone looks just so.
    response.socket?.once('end', () => stream.end());
    await start.run(stream);
    // The answer begins when events come from now on: a reader that has seen it misses nothing.
    response.writeHead(200, { ...this.front?.headers, 'content-type': start.contentType });
    response.flushHeaders();
    if (start.start !== '') stream.send(start.start);
  }

  /** False: all readers read. */
  private endStopped(): boolean {
    const [longest] = [...this.streams].sort((a, b) => b.stoppedMs() - a.stoppedMs());
    if (longest === undefined || longest.stoppedMs() < this.limits.stoppedReader) return false;
    longest.giveUp();
    return true;
  }

  /** What is not even HTTP, or does not come to its end. It is said in its turn, as the answers before it are due. */
  private badRequest(error: NodeJS.ErrnoException, socket: Socket): void {
    const line = this.lines.get(socket);
    if (error.code === 'ECONNRESET' || !socket.writable || line === undefined) {
      socket.destroy();
      return;
    }
    const refusal = refusalOf(error, this.limits);
    if (line.body?.refuse(refusal)) return;
    line.last.then(() => socket.end(bareAnswer(refusal), () => socket.destroy()));
  }

  private refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const known = error instanceof ControlError;
    if (!known) this.bug(error);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const body: ErrorBody = {
      error: known
        ? { code: error.code, message: error.message }
        : { code: 'bug', message: 'a bug of fwctl-emu; its log has the details' },
    };
    const content = `${JSON.stringify(body)}\n`;
    // What is left of a body that was refused is not read: the connection ends with the answer.
    const unread = !request.complete;
    response
      .writeHead(known ? error.status : 500, {
        ...this.front?.headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(content),
        ...(error instanceof MethodNotAllowed && { allow: error.allowed.join(', ') }),
        ...(unread && { connection: 'close' }),
      })
      .end(content, () => {
        if (unread) request.destroy();
      });
  }
}

/** Bytes. Of one long write, Node counts only its end; what libuv has left of it has no public name. */
function unsent({ writableLength, socket }: ServerResponse): number {
  const handle = (socket as unknown as { _handle?: { writeQueueSize: number } | null } | null)?._handle;
  return writableLength + (handle?.writeQueueSize ?? 0);
}

function isStream(result: unknown): result is StreamStart {
  return typeof result === 'object' && result !== null && 'run' in result;
}

const NO_HTTP = 'this is not HTTP/1.1';

function refusalOf({ code }: NodeJS.ErrnoException, limits: Limits): ControlError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new ControlError(431, 'bad_request', `the headers are larger than ${limits.maxHeaderSize} bytes`);
  if (code !== 'ERR_HTTP_REQUEST_TIMEOUT') return new ControlError(400, 'bad_request', NO_HTTP);
  const seconds = `${limits.headersTimeout / 1000} s (its head) or ${limits.requestTimeout / 1000} s (all of it)`;
  return new ControlError(408, 'request_timeout', `the request did not come within ${seconds}`);
}

/** Resolves when the answer is with the client or the connection has ended: by us, if it is not taken in `limit` ms. */
function sent(response: ServerResponse, socket: Socket, limit: number): Promise<void> {
  if (response.destroyed || response.closed || socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let ended = false;
    const look = setInterval(() => {
      if (ended) socket.destroy();
      ended = response.writableEnded;
    }, limit).unref();
    const done = () => {
      clearInterval(look);
      socket.off('close', done);
      resolve();
    };
    response.once('close', done);
    socket.once('close', done);
  });
}

function readQuery(text: string, path: Readonly<Record<string, string>>): Record<string, string> {
  const query: Record<string, string> = Object.create(null);
  if (text === '') return query;
  for (const [name, value] of new URLSearchParams(text)) {
    if (Object.hasOwn(query, name) || Object.hasOwn(path, name)) {
      const shown = JSON.stringify(name.slice(0, 100));
      throw new ControlError(400, 'bad_parameters', `${shown} is given twice; leave one out`);
    }
    query[name] = value;
  }
  return query;
}

/** Undefined: an empty body. */
function parseJson(body: string): unknown {
  if (body.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(body);
    if (value === null) throw new SyntaxError('null is no object');
    return value;
  } catch (error) {
    throw new ControlError(400, 'bad_json', `the body is not a JSON object: ${(error as Error).message.slice(0, 200)}`);
  }
}
