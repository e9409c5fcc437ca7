import { setTimeout as sleep } from "node:timers/promises";

import router from "@adonisjs/core/services/router";

router.get("/", () => "hello");
router.get("/slow", () => sleep(400, "hello, at last"));
