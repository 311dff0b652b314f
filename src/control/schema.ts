/** A method's parameters as a zod schema: what the server holds requests against and the OpenAPI document says. */
import { z } from 'zod';
import type { Method, Param, Params, ValuesOf } from './method.ts';
import { ControlError, MAX_PROFILE_BYTES } from './protocol.ts';

/** Longest text unless the row says otherwise. */
const MAX_TEXT = 4096;
/** PATH_MAX without its NUL. */
const MAX_PATH = 4095;
/** Texts of a list, and their bytes. */
const MAX_LIST = 256;
const MAX_NAME = 256;
const DIGITS = /^\d{1,16}$/;
const ABSOLUTE = /^\/[^\0]*$/;

function typeOf({ kind, choices = [], min = 0, max }: Param, fromText: boolean): z.ZodType {
  const longest = max ?? MAX_TEXT;
  const greatest = max ?? Number.MAX_SAFE_INTEGER;
  switch (kind) {
    case 'text':
      return z.string().min(1).max(longest);
    case 'integer': {
      const integer = z.int().min(min).max(greatest);
      return fromText ? z.string().regex(DIGITS, 'must be a whole number').transform(Number).pipe(integer) : integer;
    }
    case 'flag':
      return fromText
        ? z.enum(['true', 'false', '1', '0', '']).transform((text) => text !== 'false' && text !== '0')
        : z.boolean();
    case 'choice':
      return z.enum(choices as [string, ...string[]]);
    case 'file':
      return z.string().max(MAX_PATH).regex(ABSOLUTE, 'must be an absolute path');
    case 'list':
      return z.array(z.string().min(1).max(MAX_NAME)).max(MAX_LIST);
    case 'content':
      return z.string().refine((text) => Buffer.byteLength(text) <= MAX_PROFILE_BYTES, {
        error: `must have at most ${MAX_PROFILE_BYTES} bytes`,
      });
    case 'value':
      return z.union([z.string().max(longest), z.int(), z.boolean()], {
        error: 'must be a whole number, text, true or false',
      });
  }
}

/** `fromText`: values are those of a path and a query, all of them text. */
export function paramsSchema(params: Params, fromText: boolean): z.ZodObject {
  const shape = Object.entries(params).map(([name, param]) => {
    const type = typeOf(param, fromText);
    const described = type.meta({
      description: param.about,
      ...(param.example !== undefined && { examples: [param.example] }),
    });
    return [name, param.required === true ? described : described.optional()];
  });
  return z.strictObject(Object.fromEntries(shape));
}

/** The schemas of one method: of what stands in the path and query, and of its body. */
export class MethodSchema {
  private readonly text: z.ZodObject;
  private readonly body: z.ZodObject | undefined;

  constructor({ http, path, params }: Method) {
    const hasBody = http === 'POST' || http === 'PUT';
    const inText = ([name]: readonly [string, Param]) => !hasBody || path.includes(`{${name}}`);
    const rows = Object.entries(params);
    this.text = paramsSchema(Object.fromEntries(rows.filter(inText)), true);
    this.body = hasBody ? paramsSchema(Object.fromEntries(rows.filter((row) => !inText(row))), false) : undefined;
  }

  get hasBody(): boolean {
    return this.body !== undefined;
  }

  /** `body`: of a method that has one; undefined: it was empty. Throws ControlError with one line a problem. */
  read(text: Readonly<Record<string, string>>, body: unknown): ValuesOf<Params> {
    return { ...parsed(this.text, text), ...(this.body && parsed(this.body, body ?? {})) } as ValuesOf<Params>;
  }
}

function parsed(schema: z.ZodObject, value: unknown): Record<string, unknown> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const known = Object.keys(schema.shape);
  const lines = result.error.issues.map((issue) => {
    const where = issue.path.join('.');
    if (issue.code === 'unrecognized_keys') {
      const takes = known.length === 0 ? 'there is nothing to give' : `known: ${known.join(', ')}`;
      return `unknown field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')} (${takes})`;
    }
    return where === '' ? issue.message : `${where}: ${issue.message}`;
  });
  throw new ControlError(400, 'bad_parameters', lines.join('; '));
}
