/** A little graph of a value over the last two minutes. */

const [WIDTH, HEIGHT] = [220, 36];

export function Graph({ name, values, close }: { name: string; values: readonly number[]; close(): void }) {
  const last = values.at(-1);
  const least = Math.min(...values);
  const most = Math.max(...values);
  const points = values.map((value, at) => {
    const x = (at / Math.max(values.length - 1, 1)) * WIDTH;
    const y = most === least ? HEIGHT / 2 : HEIGHT - 2 - ((value - least) / (most - least)) * (HEIGHT - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <figure class="graph">
      <figcaption>
        <code>{name}</code> <b>{last ?? '…'}</b>
        <button type="button" class="plain" aria-label={`Stop watching ${name}`} onClick={close}>
          ✕
        </button>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${name}: from ${least} to ${most}, now ${last}`}>
        <polyline points={points.join(' ')} />
      </svg>
    </figure>
  );
}
