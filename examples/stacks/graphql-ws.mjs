import { createServer } from "node:http";
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { lastcall } from "lastcall";
import { WebSocketServer } from "ws";

const service = lastcall({ gracePeriod: 10_000 });
const server = service.attach(createServer((req, res) => res.end("ok")));

async function* ticks() {
  for (let tick = 0; ; tick++) {
    yield { tick };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: "Query", fields: { hello: { type: GraphQLString } } }),
  subscription: new GraphQLObjectType({
    name: "Subscription",
    fields: { tick: { type: GraphQLInt, subscribe: ticks } },
  }),
});
useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
server.listen(process.env.PORT);
