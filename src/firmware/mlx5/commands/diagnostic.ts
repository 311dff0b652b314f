/** SET_DIAGNOSTIC_PARAMS, QUERY_DIAGNOSTIC_PARAMS, QUERY_DIAGNOSTIC_COUNTERS: mlx5ctl diag_cnt.c. */
import type { Layout } from '../../../abi/bits.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import {
  COUNTER_ID_BYTES,
  DIAGNOSTIC_SAMPLE,
  PARAMS_BYTES,
  QUERY_DIAGNOSTIC_COUNTERS,
  QUERY_DIAGNOSTIC_PARAMS,
  SET_DIAGNOSTIC_PARAMS,
} from '../../../abi/mlx5/diagnostic.ts';
import { replyHeader } from '../../../abi/mlx5/headers.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { REFUSAL } from '../syndromes.ts';

/** The ids follow the structure; bytes that the request says it has and does not are BAD_INP_LEN. */
export function execSetDiagnosticParams(
  request: MessageBuffer,
  _reply: MessageBuffer,
  device: Mlx5Device,
): Refusal | undefined {
  const { view } = request;
  const get = reader(SET_DIAGNOSTIC_PARAMS.request, view);
  const count = get('num_of_counters');
  if (request.length < PARAMS_BYTES + count * COUNTER_ID_BYTES) return REFUSAL.REQUEST_TOO_SHORT;
  return device.diagnostics.set({
    logNumOfSamples: get('log_num_of_samples'),
    logSamplePeriod: get('log_sample_period'),
    single: get('single') === 1,
    repetitive: get('repetitive') === 1,
    sync: get('sync') === 1,
    clear: get('clear') === 1,
    onDemand: get('on_demand') === 1,
    enable: get('enable') === 1,
    counterIds: Array.from({ length: count }, (_, i) => view.getUint16(PARAMS_BYTES + i * COUNTER_ID_BYTES + 2)),
  });
}

/** As many counter ids as the reply has room for. */
export function execQueryDiagnosticParams(
  _request: MessageBuffer,
  reply: MessageBuffer,
  device: Mlx5Device,
): undefined {
  const { params } = device.diagnostics;
  QUERY_DIAGNOSTIC_PARAMS.reply.assign(reply.view, {
    num_of_counters: params.counterIds.length,
    log_num_of_samples: params.logNumOfSamples,
    log_sample_period: params.logSamplePeriod,
    single: params.single,
    repetitive: params.repetitive,
    sync: params.sync,
    clear: params.clear,
    on_demand: params.onDemand,
    enable: params.enable,
  });
  const room = Math.floor((reply.length - PARAMS_BYTES) / COUNTER_ID_BYTES);
  params.counterIds.slice(0, room).forEach((id, i) => {
    reply.view.setUint16(PARAMS_BYTES + i * COUNTER_ID_BYTES + 2, id);
  });
  return undefined;
}

/** num_of_samples counts counters of samples, 16 bytes each; where there are no more, zeros are left. */
export function execQueryDiagnosticCounters(
  request: MessageBuffer,
  reply: MessageBuffer,
  device: Mlx5Device,
): undefined {
  const get = reader(QUERY_DIAGNOSTIC_COUNTERS.request, request.view);
  const room = Math.floor((reply.length - replyHeader.bytes) / DIAGNOSTIC_SAMPLE.bytes);
  const samples = device.diagnostics.read(get('sample_index'), Math.min(room, get('num_of_samples')));
  samples.forEach(({ counterId, sampleId, timestamp, value }, i) => {
    DIAGNOSTIC_SAMPLE.assign(
      reply.view,
      {
        counter_id: counterId,
        sample_id: sampleId & 0xffff,
        time_stamp_31_0: timestamp & 0xffffffffn,
        counter_value: value,
      },
      replyHeader.bytes + i * DIAGNOSTIC_SAMPLE.bytes,
    );
  });
  return undefined;
}

function reader(layout: Layout, view: DataView): (path: string) => number {
  return (path) => layout.word(path).get(view, 0);
}
