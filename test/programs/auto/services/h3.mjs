import { H3, serve } from "h3";

serve(
  new H3().get("/", () => "hello"),
  { port: Number(process.env.PORT) },
);
