/**
 * The control socket's server: HTTP/1.1 over connections that somebody else accepts (listen.ts). A request is either
 * carried out whole or refused with a 4xx that says why, and then nothing has changed.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ControlContext } from './context.ts';
import { LineStream } from './line-stream.ts';
import type { Method, StreamStart } from './method.ts';
import { ControlError, type ErrorBody, MAX_BODY_BYTES } from './protocol.ts';
import { MethodNotAllowed, Router } from './router.ts';

/** Readers of traces at the same time. */
const MAX_STREAMS = 32;
/** How long a reader may take nothing when the emulator ends, and between two looks, ms. */
const PATIENCE_MS = 5000;
const LOOK_MS = 10;

export class ControlServer {
  private readonly http: Server;
  private readonly router: Router;
  private readonly context: ControlContext;
  private readonly bug: (error: unknown) => void;
  private readonly streams = new Set<LineStream>();
  private readonly answers = new Set<ServerResponse>();
  private finishing = false;

  /** `bug`: gets what nobody foresaw; the client is answered 500. */
  constructor(methods: readonly Method[], context: ControlContext, bug: (error: unknown) => void) {
    this.router = new Router(methods);
    this.context = context;
    this.bug = bug;
    this.http = createServer({ headersTimeout: 10_000, requestTimeout: 30_000 }, (request, response) => {
      this.answers.add(response);
      response.once('close', () => this.answers.delete(response));
      this.answer(request, response).catch((error: unknown) => this.refuse(request, response, error));
    });
    this.http.on('clientError', (error: NodeJS.ErrnoException, socket) => badRequest(error, socket as Socket));
  }

  /** Serves one connection, of which nothing has been read. */
  connection(socket: Socket): void {
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
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.finishing) throw new ControlError(503, 'ending', 'the emulator is about to end');
    const url = request.url ?? '/';
    const end = url.indexOf('?');
    const { method, schema, path } = this.router.route(request.method ?? '', end < 0 ? url : url.slice(0, end));
    const query = readQuery(end < 0 ? '' : url.slice(end + 1), path);
    const body = await readBody(request);
    if (!schema.hasBody && body !== '') {
      const why = `${method.http} ${method.path} takes no body; its parameters are in the query`;
      throw new ControlError(400, 'unexpected_body', why);
    }
    const params = schema.read({ ...query, ...path }, schema.hasBody ? parseJson(body) : undefined);
    const client = { uid: () => this.context.peerUid(request.socket) };
    const result = await method.handle(params, this.context, client);
    if (isStream(result)) return this.stream(result, response);
    const text = 'mediaType' in method.answer;
    const type = text ? String(method.answer.mediaType) : 'application/json';
    const content = text ? String(result) : `${JSON.stringify(result)}\n`;
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(content) }).end(content);
  }

  private async stream(start: StreamStart, response: ServerResponse): Promise<void> {
    if (this.streams.size >= MAX_STREAMS) {
      throw new ControlError(429, 'too_many_readers', `${MAX_STREAMS} traces are being read already; end one of them`);
    }
    const stream = new LineStream(response, start.encoding, (count) => start.dropped(count));
    this.streams.add(stream);
    stream.onClose(() => this.streams.delete(stream));
    response.on('close', () => stream.end());
    await start.run(stream);
    // The answer begins when events come from now on: a reader that has seen it misses nothing.
    response.writeHead(200, { 'content-type': start.contentType });
    response.flushHeaders();
    if (start.start !== '') stream.send(start.start);
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

/** What is not even HTTP. */
function badRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const status = tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const message = tooLarge ? 'the headers are too large' : 'this is not HTTP/1.1';
  const content = `${JSON.stringify({ error: { code: 'bad_request', message } })}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${content.length}\r\nconnection: close\r\n\r\n${content}`,
  );
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

async function readBody(request: IncomingMessage): Promise<string> {
  const tooLarge = `the body is larger than ${MAX_BODY_BYTES} bytes; no request needs as much`;
  const refusal = () => new ControlError(413, 'body_too_large', tooLarge);
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw refusal();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not `for await`: leaving that early would destroy the connection before the answer.
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        request.pause();
        reject(refusal());
      } else chunks.push(chunk);
    });
    request.once('end', resolve);
    const broken = () => reject(new ControlError(400, 'bad_request', 'the request was broken off'));
    request.once('error', broken).once('close', broken);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new ControlError(400, 'bad_json', 'the body is not UTF-8');
  }
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
