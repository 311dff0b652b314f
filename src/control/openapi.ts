/** The control socket's methods as an OpenAPI 3.1 document, from their rows. */
import { z } from 'zod';
import { type JsonSchema, type Method, pathParams } from './method.ts';
import { DEFAULT_SOCKET, MAX_BODY_BYTES } from './protocol.ts';
import { paramsSchema } from './schema.ts';

const ERROR: JsonSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', description: 'for programs' },
        message: { type: 'string', description: 'what is wrong and what would do' },
      },
    },
  },
};

const REFUSED = {
  description: 'Refused; nothing has changed.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

/** `version`: of the program. */
export function openapi(version: string, methods: readonly Method[]): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const method of methods) {
    const operations = paths[method.path] ?? {};
    operations[method.http.toLowerCase()] = operation(method);
    paths[method.path] = operations;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'fwctl-emu control socket',
      version,
      description: `HTTP/1.1 on a unix socket: ${DEFAULT_SOCKET}, or the one in $FWCTL_EMU_SOCKET. A body has at most ${MAX_BODY_BYTES} bytes.`,
    },
    servers: [{ url: 'http://localhost', description: 'any host name will do' }],
    paths,
    components: { schemas: { Error: ERROR } },
  };
}

function operation(method: Method): JsonSchema {
  const { verb, http, path, about, help, params, answer } = method;
  const inPath = pathParams(path);
  const hasBody = http === 'POST' || http === 'PUT';
  const rows = Object.entries(params);
  const outside = rows.filter(([name]) => !hasBody || inPath.includes(name));
  const inside = rows.filter((row) => !outside.includes(row));
  const schemas = schemaOf(params).properties as Record<string, JsonSchema>;
  const mediaType = 'mediaType' in answer ? String(answer.mediaType) : undefined;
  return {
    operationId: (verb ?? path.replace(/^\/(v1\/)?/, '').replace(/\W+/g, ' '))
      .trim()
      .replace(/\W(\w)/g, (_, c: string) => c.toUpperCase()),
    summary: about,
    ...(help !== undefined && { description: help }),
    ...(outside.length > 0 && {
      parameters: outside.map(([name, param]) => ({
        name,
        in: inPath.includes(name) ? 'path' : 'query',
        required: param.required === true,
        description: param.about,
        schema: schemas[name],
      })),
    }),
    ...(inside.length > 0 && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(Object.fromEntries(inside)) } },
      },
    }),
    responses: {
      200: {
        description: 'Done.',
        content:
          mediaType === undefined
            ? { 'application/json': { schema: answer } }
            : Object.fromEntries(mediaType.split(/, | or /).map((type) => [type, { schema: { type: 'string' } }])),
      },
      '4XX': REFUSED,
    },
  };
}

function schemaOf(params: Method['params']): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(paramsSchema(params, false), { io: 'input' }) as JsonSchema;
  return schema;
}
