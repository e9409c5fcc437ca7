import { pathToFileURL } from "node:url";
import type { Described } from "./catalogue.js";
import type { Evidence, Finding, Severity, SourceLocation } from "./finding.js";
import { listSources, type NameFile } from "./source.js";

/** One run of a tool, and what it found. */
export interface SarifRun {
  /** `lastcall prove` */
  readonly tool: string;
  /** The tool's own version. */
  readonly version: string;
  readonly findings: readonly Finding[];
  /** Everything that can be found. */
  readonly catalogue: readonly Described[];
  /** Why nothing can be said; empty for a run that came to its end. */
  readonly faults: readonly string[];
}

const SCHEMA =
  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/**
 * Writes SARIF 2.1.0 (OASIS): one run, a rule for each finding that there can be, a result for each that
 * was made. A clean run has no results and is a whole document too.
 */
export function writeSarif(run: SarifRun, nameFile: NameFile): string {
  const { tool, version, catalogue, findings, faults } = run;
  const rules = new Map(catalogue.map(({ id }, index) => [id, index]));
  const log = {
    version: "2.1.0",
    $schema: SCHEMA,
    runs: [
      {
        tool: { driver: { name: tool, version, rules: catalogue.map(toRule) } },
        invocations: [
          {
            executionSuccessful: faults.length === 0,
            toolExecutionNotifications: faults.map((text) => ({
              level: "error",
              message: { text },
            })),
          },
        ],
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => toResult(finding, rules.get(finding.id), nameFile)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function toRule({ id, severity, title, cause, next }: Described): object {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: cause },
    help: { text: next },
    defaultConfiguration: { level: levelOf(severity) },
  };
}

/** The first place that is to blame is the result's own, the others are related to it. */
function toResult(finding: Finding, ruleIndex: number | undefined, nameFile: NameFile): object {
  const { id, severity, what, next, count, evidence } = finding;
  const [first, ...others] = listSources(evidence);
  const related = others.map((source) => ({
    ...locate(source, nameFile),
    message: { text: evidence.find((item) => item.source === source)?.what ?? "" },
  }));
  return {
    ruleId: id,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: levelOf(severity),
    message: { text: `${what}\n${next}` },
    locations: first === undefined ? [] : [locate(first, nameFile)],
    ...(others.length === 0 ? {} : { relatedLocations: related }),
    properties: { count, evidence: evidence.map((item: Evidence) => item.what) },
  };
}

function locate({ file, line, column }: SourceLocation, nameFile: NameFile): object {
  return {
    physicalLocation: {
      artifactLocation: toArtifact(nameFile(file)),
      // §3.30.5: from 1, as lines are counted here too.
      region: { startLine: Math.max(1, line), startColumn: Math.max(1, column) },
    },
  };
}

/** A URI reference (§3.4.3): below the project's root, or absolute. */
function toArtifact(file: string): object {
  const isAbsolute = file.startsWith("/") || /^[A-Za-z]:/.test(file);
  if (isAbsolute) return { uri: pathToFileURL(file).href };
  const uri = file.split("/").map(encodeURIComponent).join("/");
  return { uri, uriBaseId: "%SRCROOT%" };
}

function levelOf(severity: Severity): "error" | "warning" | "note" {
  return severity === "info" ? "note" : severity;
}
