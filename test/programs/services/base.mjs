import { createService, serve } from "./service.mjs";

serve(createService());
