/** The socket's own description. */
import { type JsonSchema, type Method, method } from '../method.ts';

/** `all`: what it describes. */
export const aboutMethods = (all: () => readonly Method[], made: { document?: JsonSchema } = {}): readonly Method[] => [
  method({
    http: 'GET',
    path: '/v1/openapi.json',
    about: 'the OpenAPI document of this socket',
    params: {},
    answer: { type: 'object' },
    async handle(_, { version }) {
      // Takes as long as a hundred other answers, and is always the same.
      made.document ??= (await import('../openapi.ts')).openapi(version, all());
      return made.document;
    },
  }),
];
