/** A view of exactly so many bytes. @throws RangeError where they are not there */
export function takeBytes(input: Buffer, at: number, length: number): Buffer {
  if (length < 0 || at + length > input.length)
    throw new RangeError(`expected ${length} bytes at ${at}, got ${input.length - at}`);
  return input.subarray(at, at + length);
}
