// Apollo Server listens for signals, stops when it believes that it may, and raises the signal again.
import { ApolloServer, HeaderMap } from "@apollo/server";
import { answer, createService, serve } from "./service.mjs";

const service = createService();
const waitForRequests = {
  serverWillStart: async () => ({
    // Operations are answered until this is over.
    drainServer: () => new Promise((resolve) => service.hook("apollo", () => resolve())),
  }),
};
const typeDefs = "type Query { hello: String }";
const resolvers = { Query: { hello: () => "world" } };
const apollo = new ApolloServer({
  typeDefs,
  resolvers,
  csrfPrevention: false,
  stopOnTerminationSignals: true,
  plugins: service === undefined ? [] : [waitForRequests],
});
await apollo.start();

serve(service, async (req, res) => {
  if (req.url === "/slow") return answer(req, res);
  const { body, status } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: "POST",
      headers: new HeaderMap([["content-type", "application/json"]]),
      search: "",
      body: { query: "{ hello }" },
    },
    context: async () => ({}),
  });
  res.writeHead(status ?? 200).end(body.string);
});
