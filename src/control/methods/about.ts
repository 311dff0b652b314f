/** The socket's own description. */
import { type Method, method } from '../method.ts';

export const ABOUT_METHODS: readonly Method[] = [
  method({
    http: 'GET',
    path: '/v1/openapi.json',
    about: 'the OpenAPI document of this socket',
    params: {},
    answer: { type: 'object' },
    handle: async (_, { version }) => (await import('../openapi.ts')).openapi(version),
  }),
];
