/** From a request's method and path to a row of the table. */
import { nearestNames } from '../abi/nearest-name.ts';
import type { Method } from './method.ts';
import { ControlError } from './protocol.ts';
import { MethodSchema } from './schema.ts';

export interface Route {
  readonly method: Method;
  readonly schema: MethodSchema;
  /** The path's parameters. */
  readonly path: Readonly<Record<string, string>>;
}

interface Compiled {
  readonly method: Method;
  readonly parts: readonly string[];
  schema: MethodSchema | undefined;
}

export class Router {
  private readonly rows: readonly Compiled[];

  constructor(methods: readonly Method[]) {
    this.rows = methods.map((method) => ({ method, parts: method.path.split('/'), schema: undefined }));
  }

  /** `path`: as sent, still percent-encoded, without the query. Throws ControlError. */
  route(http: string, path: string): Route {
    const parts = path.split('/');
    const fitting = this.rows.filter((row) => fits(row.parts, parts));
    const shown = path.slice(0, 200);
    if (fitting.length === 0) {
      const paths = [...new Set(this.rows.map(({ method }) => method.path))];
      const [near] = nearestNames(path, paths, 1);
      const hint = near === undefined ? '' : `; did you mean ${near}?`;
      throw new ControlError(404, 'no_such_path', `there is no ${shown} here (see /v1/openapi.json)${hint}`);
    }
    const row = fitting.find(({ method }) => method.http === http);
    if (row === undefined) {
      const allowed = fitting.map(({ method }) => method.http);
      throw new MethodNotAllowed(allowed, `${shown} takes ${allowed.join(', ')}, not ${http}`);
    }
    row.schema ??= new MethodSchema(row.method);
    const named = row.parts.flatMap((part, i) =>
      part.startsWith('{') ? [[part.slice(1, -1), decoded(parts[i] ?? '')]] : [],
    );
    return { method: row.method, schema: row.schema, path: Object.fromEntries(named) };
  }
}

export class MethodNotAllowed extends ControlError {
  readonly allowed: readonly string[];

  constructor(allowed: readonly string[], message: string) {
    super(405, 'method_not_allowed', message);
    this.allowed = allowed;
  }
}

function fits(row: readonly string[], asked: readonly string[]): boolean {
  return (
    row.length === asked.length && row.every((part, i) => (part.startsWith('{') ? asked[i] !== '' : part === asked[i]))
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ControlError(400, 'bad_path', `"${part.slice(0, 100)}" of the path is not percent-encoded UTF-8`);
  }
}
