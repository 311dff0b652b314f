/** The socket's own description. */
import { type Method, method } from '../method.ts';

/** `all`: what it describes. */
export const aboutMethods = (all: () => readonly Method[]): readonly Method[] => [
  method({
    http: 'GET',
    path: '/v1/openapi.json',
    about: 'the OpenAPI document of this socket',
    params: {},
    answer: { type: 'object' },
    handle: async (_, { version }) => (await import('../openapi.ts')).openapi(version, all()),
  }),
];
