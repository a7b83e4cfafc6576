import { CODES } from '../errors.ts';
import { CLUSTER_ID, NODE_ID, topicFor, type Api } from './api.ts';

export const metadata: Api = {
  key: 3,
  min: 4,
  max: 6,
  handle: (reader, writer, state, { version }) => {
    const asked = reader.nullableArray((each) => each.string());
    const mayCreate = reader.boolean();
    const { host, port } = state.advertised;
    writer.int32(0);
    writer.array([0], () => writer.int32(NODE_ID).string(host).int32(port).string(null));
    writer.string(CLUSTER_ID).int32(NODE_ID);
    writer.array(asked ?? state.topics.names(), (name) => {
      const code = topicFor(state, name, mayCreate);
      writer.int16(code).string(name).boolean(false);
      writer.array([...(state.topics.get(name)?.partitions.keys() ?? [])], (partition) => {
        writer.int16(CODES.NONE).int32(partition).int32(NODE_ID);
        writer.array([NODE_ID], (node) => writer.int32(node));
        writer.array([NODE_ID], (node) => writer.int32(node));
        if (version >= 5) writer.array([], () => {});
      });
    });
  },
};
