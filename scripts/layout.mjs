// Says where src/ is not laid out as scripts/layout/plan.mjs has it. `node scripts/layout.mjs [root]`
import path from "node:path";
import { checkLayout } from "./layout/check.mjs";

const root = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, ".."));
const faults = checkLayout(root);
for (const fault of faults) console.log(fault);
if (faults.length > 0) process.exitCode = 1;
