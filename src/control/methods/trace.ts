/** trace: every call as it is made, for as long as the reader stays. */
import { type Method, method, type StreamStart } from '../method.ts';
import { ControlError } from '../protocol.ts';

const MEDIA = {
  text: 'text/plain; charset=utf-8',
  json: 'application/x-ndjson',
  pcapng: 'application/x-pcapng',
} as const;

export const TRACE_METHODS: readonly Method[] = [
  method({
    verb: 'trace',
    http: 'GET',
    path: '/v1/trace',
    about: 'show every open, ioctl and close from now on, decoded',
    help: `Ends with SIGINT, with --count, or with the emulator. Files that are open already are seen from their next call on. A reader that is
too slow is told how many events it missed; no call ever waits for it.

FILTER is KEY=VALUE or KEY!=VALUE, several joined by commas (all must hold), values joined by | (one must fit), * any characters:
  device=fwctl0   tid=4711   comm=mlx5ctl   uid=1000   file=3   kind=open|info|rpc|close|kmsg   command=ACCESS_REG|QUERY_*   command=MGIR
  scope=DEBUG_WRITE   outcome=ok|refused|firmware|failed|held|EPERM|BAD_PARAM

Examples:
  fwctl-emu trace
  fwctl-emu trace --filter 'device=fwctl0,outcome!=ok' --json
  fwctl-emu trace --format pcapng | wireshark -k -i -`,
    params: {
      filter: {
        kind: 'text',
        about: 'Only the events that fit',
        placeholder: 'FILTER',
        max: 1024,
        example: 'outcome!=ok',
      },
      format: { kind: 'choice', about: 'How', choices: ['text', 'json', 'pcapng'], placeholder: 'FORMAT' },
      fields: {
        kind: 'choice',
        about: 'Fields of replies below a line of text',
        choices: ['none', 'changed', 'all'],
        placeholder: 'WHICH',
      },
      hex: { kind: 'flag', about: "The payloads' bytes as well" },
      count: { kind: 'integer', about: 'End after so many events', min: 1, max: 2 ** 31, placeholder: 'N' },
      color: { kind: 'flag', about: 'Escape sequences for colour', hidden: true },
    },
    answer: { mediaType: 'text/plain, application/x-ndjson or application/x-pcapng' },
    async handle(
      { filter, format = 'text', fields = 'none', hex = false, count, color = false },
      { trace, host, messages },
    ) {
      const [{ eventWriter }, { compileFilter, FilterError }] = await Promise.all([
        import('../../host/interceptors/trace/trace-format.ts'),
        import('../../host/interceptors/trace/trace-filter.ts'),
      ]);
      const names = [...(await messages()).values()].flatMap(({ statusNames }) => statusNames);
      let fits: ReturnType<typeof compileFilter> | undefined;
      try {
        fits = filter === undefined ? undefined : compileFilter(filter, names);
      } catch (error) {
        if (error instanceof FilterError) throw new ControlError(400, 'bad_filter', error.message);
        throw error;
      }
      const style = { fields: fields as 'none' | 'changed' | 'all', color, hex };
      const known = format as keyof typeof MEDIA;
      const writer = eventWriter(known, style, () => host.clock.wallMs() * 1000);
      let left = count ?? Number.POSITIVE_INFINITY;
      const start: StreamStart = {
        contentType: MEDIA[known],
        encoding: writer.encoding,
        start: writer.start,
        dropped: (missed) => writer.dropped(missed),
        async run(stream) {
          const stop = await trace.subscribe({
            detail: writer.detail,
            raw: writer.raw,
            ...(fits && { filter: fits }),
            listener(event) {
              if (left <= 0) return;
              left--;
              stream.send(writer.event(event));
              if (left <= 0) stream.end();
            },
          });
          stream.onClose(stop);
        },
      };
      return start;
    },
  }),
];
