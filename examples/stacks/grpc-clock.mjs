// What protoc or a proto-loader makes of a .proto file; here in JSON.
const method = (name) => ({
  path: `/clock.Clock/${name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: (value) => Buffer.from(JSON.stringify(value)),
  requestDeserialize: (bytes) => JSON.parse(bytes.toString()),
  responseSerialize: (value) => Buffer.from(JSON.stringify(value)),
  responseDeserialize: (bytes) => JSON.parse(bytes.toString()),
});

export const clock = { now: method("Now"), slow: method("Slow") };
