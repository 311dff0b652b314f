/** Faults: what goes wrong from now on, how often it has, and the answers that it holds back. */
import { useState } from 'preact/hooks';
import { useShown, useStore } from './use-store.ts';
import { callText, clockText } from './words.ts';

const EXAMPLES = [
  'rpc:opcode=QUERY_HCA_CAP:error=EIO:count=1',
  'rpc:register=MTMP:hang',
  'rpc:probability=5%:seed=1:delay=20ms',
  'open:error=EBUSY:count=1',
];

export function Faults() {
  const store = useStore();
  const { source } = useShown();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState('');
  const { faults, held } = store.status;
  const ask = async (http: string, path: string, body?: object) => {
    try {
      await source.ask(http, path, body);
      setWrong('');
      return true;
    } catch (error) {
      setWrong((error as Error).message);
      return false;
    }
  };
  return (
    <section class="pane faults" aria-label="Faults">
      {source.live && (
        <form
          class="filter-bar"
          onSubmit={async (event) => {
            event.preventDefault();
            if (await ask('POST', '/v1/faults', { fault: text })) setText('');
          }}
        >
          <label class="filter">
            <span class="hidden">A fault</span>
            <input
              type="text"
              spellcheck={false}
              placeholder={EXAMPLES[0]}
              value={text}
              aria-invalid={wrong !== ''}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="primary" disabled={text === ''}>
            Add
          </button>
          <span class="examples">
            {EXAMPLES.map((example) => (
              <button type="button" class="link mono" key={example} onClick={() => setText(example)}>
                {example}
              </button>
            ))}
          </span>
          {wrong !== '' && (
            <p class="wrong" role="alert">
              {wrong}
            </p>
          )}
        </form>
      )}
      <div class="table-box" tabIndex={0}>
        <table class="plain-table">
          <thead>
            <tr>
              <th scope="col">Fault</th>
              <th scope="col">Calls</th>
              <th scope="col">Strikes</th>
              <th scope="col">Held</th>
              {source.live && (
                <th scope="col">
                  <span class="hidden">What to do</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {faults.map(({ id, text: fault, calls, strikes, held: holds }) => (
              <tr key={id}>
                <th scope="row">
                  <span class="quiet">{id}</span> {fault}
                </th>
                <td>{calls}</td>
                <td class={strikes > 0 ? 'bad' : ''}>{strikes}</td>
                <td class={holds > 0 ? 'late' : ''}>{holds}</td>
                {source.live && (
                  <td class="actions">
                    <button
                      type="button"
                      disabled={holds === 0}
                      aria-label={`Release what fault ${id} holds`}
                      onClick={() => ask('POST', `/v1/faults/${id}/release`, {})}
                    >
                      Release
                    </button>
                    <button
                      type="button"
                      class="danger"
                      aria-label={`Remove fault ${id}`}
                      onClick={() => ask('DELETE', `/v1/faults/${id}`)}
                    >
                      Remove
                    </button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
        {faults.length === 0 && (
          <p class="nothing">
            {source.live ? 'Nothing goes wrong. Add a fault above.' : 'There were no faults at the end.'}
          </p>
        )}
        {held.length > 0 && (
          <section class="held" aria-label="Held calls">
            <h3>Held back now</h3>
            <ul>
              {held.map(({ timeUs, shape }) => (
                <li key={`${timeUs} ${shape.tid}`}>
                  <code>{callText(shape)}</code> of {shape.comm} on {shape.device} #{shape.file}, since{' '}
                  {clockText(timeUs)}
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </section>
  );
}
