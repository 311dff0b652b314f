/** VDPA_EMULATION of a real ConnectX-6 Dx (README of mlx5ctl); a field it does not print, or prints as 0, is 0. */
import type { FieldValues } from '../../../abi/mlx5/device-profile.ts';

export const VIRTIO_EMULATION: FieldValues = {
  eth_frame_offload_type: 1,
  virtio_version_1_0: 1,
  device_features_bits_mask: 7680,
  event_mode: 3,
  virtio_queue_type: 1,
  log_doorbell_stride: 12,
  doorbell_bar_offset: 12288,
  max_num_virtio_queues: 256,
  umem_1_buffer_param_a: 128,
  umem_1_buffer_param_b: 4168,
  umem_2_buffer_param_a: 128,
  umem_2_buffer_param_b: 8200,
  umem_3_buffer_param_a: 32,
  umem_3_buffer_param_b: 16392,
};
