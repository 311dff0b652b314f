/** What a function has room for, as a ConnectX-6 Dx has: BAR 0, whose pages are UARs at its end, and MSI-X vectors. */
export const BAR_BYTES = 2 ** 25;
export const UAR_BYTES = 4096;
export const VECTORS = 64;
