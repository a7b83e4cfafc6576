const rooms = new Map<string, Float64Array>();

/**
 * Room for so many numbers, of this thread: the same one for each that asks by this name, who has done with it when the next one
 * asks. Numbers of one column after the other go there, rather than to the collector.
 */
export function roomFor(name: string, length: number): Float64Array {
  const room = rooms.get(name);
  if (room !== undefined && room.length >= length) return room.subarray(0, length);
  const larger = new Float64Array(length);
  rooms.set(name, larger);
  return larger;
}

/** Gives the memory back. */
export function emptyRooms(): void {
  rooms.clear();
}
