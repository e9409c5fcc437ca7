import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const resolvers = { Query: { hello: () => "hello" } };
const server = new ApolloServer({
  typeDefs: "type Query { hello: String }",
  resolvers,
  csrfPrevention: false,
});
await startStandaloneServer(server, { listen: { port: Number(process.env.PORT) } });
