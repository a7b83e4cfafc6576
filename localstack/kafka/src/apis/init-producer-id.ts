import { CODES } from '../errors.ts';
import type { Api } from './api.ts';

/** Gives idempotent producers their id; transactions are not offered. */
export const initProducerId: Api = {
  key: 22,
  min: 0,
  max: 1,
  handle: (reader, writer, state) => {
    const transactional = reader.nullableString();
    const refused = transactional !== null;
    writer
      .int32(0)
      .int16(refused ? CODES.UNSUPPORTED_VERSION : CODES.NONE)
      .int64(refused ? -1n : state.nextProducerId())
      .int16(refused ? -1 : 0);
  },
};
