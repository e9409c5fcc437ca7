import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { readFileSync } from "node:fs";

/** Where the schema of a result is, seen from build/test/harness/. */
const FILE = new URL("../../../docs/prove-result.schema.json", import.meta.url);

export interface Schema {
  readonly $defs: Readonly<Record<string, SchemaNode>>;
}

/** What the schema uses of JSON Schema. */
export interface SchemaNode {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly $ref?: string;
  readonly anyOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

export const schema = JSON.parse(readFileSync(FILE, "utf8")) as Schema;

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a value of that name in the schema; empty when nothing is. */
export function findSchemaFaults(value: unknown, name = "ProveResult"): string[] {
  const validate =
    compiled.get(name) ?? ajv.compile({ ...schema, oneOf: [{ $ref: `#/$defs/${name}` }] });
  compiled.set(name, validate);
  // As it is read by others: what JSON leaves out is not there.
  if (validate(JSON.parse(JSON.stringify(value)))) return [];
  return (validate.errors ?? []).map(describe);
}

function describe({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath} ${message ?? ""} ${JSON.stringify(params)}`;
}

/** A test's result must be as documented: whoever adds a field documents it. */
export function checkSchema(value: unknown): void {
  const faults = findSchemaFaults(value);
  if (faults.length === 0) return;
  throw new Error(`not what docs/prove-result.schema.json says:\n${faults.join("\n")}`);
}
