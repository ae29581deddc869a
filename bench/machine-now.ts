/** One clock for all processes of the bench: milliseconds since 1970, with parts of one. */
export function machineNow(): number {
  return performance.timeOrigin + performance.now();
}
