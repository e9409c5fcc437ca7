import { DOCKERFILE } from "../../platforms/docker/dockerfiles.js";
import type { Rule } from "../rule.js";

/** `docker/exec-form-broken` */
export const execFormBroken: Rule = {
  id: "docker/exec-form-broken",
  severity: "error",
  title: "what looks like the exec form is none, and a shell runs it",
  cause:
    "Docker takes for the exec form only what is a JSON array of strings. Anything else is given to `/bin/sh -c` as it stands, brackets included: it fails, or a shell stands in between.",
  next: "Write it as JSON: double quotes, commas between the words, none at the end.",
  *check({ project }) {
    for (const { value } of project.all(DOCKERFILE)) {
      for (const { keyword, exec, text, textSpot } of value) {
        if ((keyword !== "CMD" && keyword !== "ENTRYPOINT") || exec === null || exec.words !== null)
          continue;
        // `[ -f x ] && node y` is a shell's own test.
        if (/^\[\s+-|^\[\[/.test(text)) continue;
        yield { spot: textSpot, what: `${keyword} is given to a shell: ${exec.why}` };
      }
    }
  },
};
