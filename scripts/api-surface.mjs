// What a release promises (docs/compatibility.md), a line a promise, from the built program's own tables: the command
// line, the control socket, the configuration, the test kits' and firmware modules' types, the C headers.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The lines, in order. `root`: the clone, built. */
export async function apiSurface(root) {
  const load = (path) => import(join(root, 'dist/src', path));
  const [
    { commandTree },
    { allDeviceKeys },
    { catalogueOf },
    { DRIVERS },
    { METHODS },
    { openapi },
    { configJsonSchema },
  ] = await Promise.all(
    [
      'cli/generate/command-tree.js',
      'host/config/device-keys.js',
      'host/machine/catalogue.js',
      'host/machine/drivers.js',
      'control/methods.js',
      'control/openapi.js',
      'host/config/config-schema.js',
    ].map(load),
  );
  const catalogue = catalogueOf(DRIVERS);
  return [
    ...commandLines(await commandTree('0', allDeviceKeys(catalogue.drivers))),
    ...controlLines(openapi('0', METHODS)),
    ...schemaLines('configuration', configJsonSchema(catalogue)),
    ...typeLines(join(root, 'dist/types')),
    ...headerLines(join(root, 'extras/c')),
  ].sort();
}

function commandLines({ name, options, arguments: words, commands }) {
  const verb = `command ${['fwctl-emu', name].join(' ').trim()}`;
  return [
    `${verb} ${words.map((word) => `<${word}>`).join(' ')}`.trim(),
    ...options.map(({ flags, choices }) => `${verb} ${flags}${choices.length > 0 ? `: ${choices.join(' ')}` : ''}`),
    ...commands.flatMap(commandLines),
  ];
}

function controlLines({ paths, components }) {
  const schemas = components?.schemas ?? {};
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [], requestBody, responses }]) => {
      const name = `control ${method.toUpperCase()} ${path}`;
      const bodies = ([what, { content = {} } = {}]) =>
        Object.entries(content).flatMap(([type, { schema }]) =>
          type === 'application/json' ? schemaLines(`${name} ${what}`, schema, schemas) : [`${name} ${what} ${type}`],
        );
      return [
        name,
        ...parameters.map(
          ({ name: each, in: where, required }) => `${name} ${where} ${each}${required ? ' required' : ''}`,
        ),
        ...(requestBody ? bodies(['request', requestBody]) : []),
        ...Object.entries(responses).flatMap(([status, response]) => bodies([status, response])),
      ];
    }),
  );
}

/** A JSON schema's properties by path, with their types. */
function schemaLines(name, schema = {}, schemas = {}, within = []) {
  const { $ref, type, properties = {}, items, required = [], anyOf, oneOf, enum: values } = schema;
  if ($ref !== undefined) {
    const target = $ref.split('/').at(-1);
    return within.includes(target) ? [] : schemaLines(name, schemas[target], schemas, [...within, target]);
  }
  const types = [type, ...(anyOf ?? oneOf ?? []).map((each) => each.type ?? each.$ref?.split('/').at(-1))].flat();
  return [
    `${name}: ${[...types, ...(values ?? [])].filter(Boolean).join(' ')}`.replace(/: $/, ''),
    ...Object.entries(properties).flatMap(([key, each]) =>
      schemaLines(`${name}.${key}${required.includes(key) ? '!' : ''}`, each, schemas, within),
    ),
    ...(items ? schemaLines(`${name}[]`, items, schemas, within) : []),
    ...(anyOf ?? oneOf ?? []).flatMap((each) => schemaLines(name, each, schemas, within).slice(1)),
  ];
}

/** Declarations without comments and private members; what they use of other rooms is theirs. */
function typeLines(types) {
  const modules = [];
  for (const folder of ['.', 'testkit', 'abi', ...folders(join(types, 'abi')).map((each) => `abi/${each}`)])
    for (const file of readdirSync(join(types, folder)).sort())
      if (file.endsWith('.d.ts') && (folder === '.' || folder === 'testkit' || file === 'custom-firmware.d.ts'))
        modules.push(join(folder, file));
  return modules.flatMap((module) => {
    let open = '';
    return readFileSync(join(types, module), 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .split('\n')
      .flatMap((line) => {
        const text = line.trim();
        if (text === '' || text === '}' || /^import |^private |^#private/.test(text)) return [];
        if (!/^\s/.test(line)) open = /(?:interface|class|type|const|function) (\w+)/.exec(text)?.[1] ?? '';
        return [`types ${module.replace('.d.ts', '')}${/^\s/.test(line) ? ` ${open}.` : ' '}${text}`];
      });
  });
}
const folders = (path) =>
  readdirSync(path, { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? [each.name] : []));

function headerLines(place) {
  if (!existsSync(place)) return [];
  return readdirSync(place, { recursive: true })
    .filter((name) => name.endsWith('.h'))
    .flatMap((name) => {
      const text = readFileSync(join(place, name), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
      const functions = text.match(/^static [^;{}]*\([^;{}]*\)(?=\s*\{)/gm) ?? [];
      const macros = text.match(/^#define \w+/gm) ?? [];
      return [...functions, ...macros].map((each) => `header ${name} ${each.replace(/\s+/g, ' ')}`);
    });
}
