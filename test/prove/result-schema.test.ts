import assert from "node:assert/strict";
import { test } from "node:test";
import { CLIENTS } from "#src/prove/facts/ledger.js";
import { findSchemaFaults, schema, type SchemaNode } from "../harness/result-schema.js";
import { sampleResult } from "./facts/sample-result.js";
import { readTypes, readWords, type Member } from "./source-types.js";

const { interfaces: ofResult, aliases } = readTypes("src/prove/facts/result.ts");
const { interfaces: ofComparison } = readTypes("src/prove/render/comparison.ts");
const interfaces = new Map([...ofComparison, ...ofResult]);
const documented = Object.entries(schema.$defs).filter(([, node]) => node.properties !== undefined);

/** Not an interface: what is printed when there is no result. */
const WITHOUT_TYPE = new Set(["CouldNotRun"]);

/** Where the schema and the interface of that name differ. */
function compare(name: string, node: SchemaNode, members: readonly Member[]): string[] {
  const properties = node.properties ?? {};
  const required = new Set(node.required);
  return [
    ...members
      .filter((member) => properties[member.name] === undefined)
      .map((member) => `${name}.${member.name} is not in the schema`),
    ...Object.keys(properties)
      .filter((key) => !members.some((member) => member.name === key))
      .map((key) => `${name}.${key} is not in the type`),
    ...members.flatMap((member) => compareMember(name, member, properties, required)),
  ];
}

function compareMember(
  name: string,
  { name: key, type, isOptional }: Member,
  properties: Readonly<Record<string, SchemaNode>>,
  required: ReadonlySet<string>,
): string[] {
  const node = properties[key];
  if (node === undefined) return [];
  const where = `${name}.${key}`;
  const faults: string[] = [];
  if (required.has(key) === isOptional) faults.push(`${where}: required and optional differ`);
  if (isNullable(node) !== type.endsWith(" | null")) faults.push(`${where}: null differs`);
  if (type.startsWith("readonly ") !== (node.type === "array"))
    faults.push(`${where}: list differs`);
  for (const word of type.match(/\b[A-Z]\w+/g) ?? []) {
    const isOwn = interfaces.has(word) && !JSON.stringify(node).includes(`#/$defs/${word}"`);
    if (isOwn) faults.push(`${where}: does not refer to ${word}`);
  }
  const words = readWords(aliases.get(type) ?? type);
  if (node.enum !== undefined && node.enum.join() !== words.join())
    faults.push(`${where}: words differ`);
  return faults;
}

function isNullable({ type, anyOf }: SchemaNode): boolean {
  return [type].flat().includes("null") || (anyOf ?? []).some((one) => one.type === "null");
}

for (const [name, node] of documented) {
  if (WITHOUT_TYPE.has(name)) continue;
  test(`schema: ${name} is its type, member by member`, () => {
    const members = interfaces.get(name);
    assert.ok(members !== undefined && members.length > 0, `there is no interface ${name}`);
    assert.deepEqual(compare(name, node, members), []);
  });
}

test("schema: (control: a member too many, one too few, null and words are seen)", () => {
  const node = schema.$defs["Loss"] ?? {};
  const members: Member[] = [
    { name: "outcome", type: 'Extract<Outcome, "refused">', isOptional: false },
    { name: "kind", type: "string | null", isOptional: false },
    { name: "client", type: "Holder", isOptional: true },
    { name: "count", type: "readonly number[]", isOptional: false },
    { name: "lastMs", type: "number", isOptional: false },
  ];
  assert.deepEqual(compare("Loss", node, members), [
    "Loss.lastMs is not in the schema",
    "Loss.firstMs is not in the type",
    "Loss.outcome: words differ",
    "Loss.kind: null differs",
    "Loss.client: required and optional differ",
    "Loss.client: does not refer to Holder",
    "Loss.count: list differs",
  ]);
});

test("schema: (control: what an interface extends is read too, with its types)", () => {
  const members = interfaces.get("Finding") ?? [];
  assert.equal(members.find(({ name }) => name === "evidence")?.type, "readonly Evidence[]");
  assert.equal(members.filter(({ name }) => name === "severity").length, 1);
});

test("schema: the words of Client and Verdict are those of the code", () => {
  assert.deepEqual(schema.$defs["Client"]?.enum?.toSorted(), CLIENTS.toSorted());
  assert.deepEqual(schema.$defs["Verdict"]?.enum, readWords(aliases.get("Verdict") ?? ""));
});

test("schema: every field is described, and no other is allowed", () => {
  for (const [name, { properties = {}, additionalProperties }] of documented) {
    assert.equal(additionalProperties, false, name);
    for (const [key, { description = "" }] of Object.entries(properties)) {
      assert.ok(description.length > 5, `${name}.${key} has no description`);
    }
  }
});

test("schema: a result passes, also one with everything in it", () => {
  assert.deepEqual(findSchemaFaults(sampleResult()), []);
});

test("schema: (control: a field too many, one too few and a wrong type are seen)", () => {
  const result = sampleResult();
  assert.match(findSchemaFaults({ ...result, extra: 1 }).join(), /must NOT have additional/);
  assert.match(findSchemaFaults({ ...result, seed: "7" }).join(), /\/seed must be integer/);
  const { losses: _losses, ...without } = result;
  assert.match(findSchemaFaults(without).join(), /must have required property 'losses'/);
});

test("schema: what is printed when it could not run passes as such", () => {
  const error = { code: "PROVE_CANNOT_START", message: "there is no such command" };
  const printed = { version: 1, verdict: "could-not-run", error };
  assert.deepEqual(findSchemaFaults(printed, "CouldNotRun"), []);
  assert.notDeepEqual(findSchemaFaults({ ...printed, error: { code: "x" } }, "CouldNotRun"), []);
});
