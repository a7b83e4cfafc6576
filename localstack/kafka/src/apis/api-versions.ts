import { CODES } from '../errors.ts';
import type { Writer } from '../protocol/writer.ts';
import type { Api } from './api.ts';

/** Lists what is offered. Version 3 is flexible in its body, yet its header stays that of version 0. */
export function apiVersions(offered: () => readonly Api[]): Api {
  return {
    key: 18,
    min: 0,
    max: 3,
    handle: (_reader, writer, _state, { version }) => {
      writer.int16(CODES.NONE);
      if (version >= 3) {
        compactArray(writer, offered());
        writer.int32(0).int8(0);
        return;
      }
      writer.array(offered(), ({ key, min, max }) => writer.int16(key).int16(min).int16(max));
      if (version >= 1) writer.int32(0);
    },
  };
}

function compactArray(writer: Writer, apis: readonly Api[]): void {
  // An unsigned varint of length + 1, which is one byte below 128.
  writer.int8(apis.length + 1);
  for (const { key, min, max } of apis) writer.int16(key).int16(min).int16(max).int8(0);
}

/** What an unsupported version is told: the error in the oldest form, with the range to retry within. */
export function unsupportedApiVersions(writer: Writer): void {
  writer.int16(CODES.UNSUPPORTED_VERSION).array([0], () => writer.int16(18).int16(0).int16(3));
}
