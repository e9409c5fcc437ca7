import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, before, suite, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, open, skip } from "../../harness/read-page.js";
import { CUT, renderMany, renderTwoTrials } from "./sample-page.js";
import { NASTY } from "../facts/sample-result.js";

const html = renderTwoTrials();
let browser: Browser;

suite("the page, in Chromium", { skip }, () => {
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  test("it needs nothing: no request, no error, no refusal of its policy", async (t) => {
    const { page, requests, faults } = await open(t, browser, html);
    await page.locator("#details").waitFor();
    assert.deepEqual(requests, []);
    assert.deepEqual(faults, []);
    // What a service sent is shown as it is, and does nothing.
    const code = await page.locator("h1 code").textContent();
    assert.equal(code, `node ${NASTY}`);
    assert.equal(await page.locator("img").count(), 0);
  });

  test("its policy forbids what a service might have smuggled in: nothing is loaded or run", async (t) => {
    const server = createServer((_, res) => res.end("x")).listen(0, "127.0.0.1");
    t.after(() => server.close());
    await once(server, "listening");
    let asked = 0;
    server.on("request", () => (asked += 1));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const smuggled = `<img src="${origin}/a"><script>document.title = "run"</script></main>`;
    const tries = async (text: string): Promise<[title: string, faults: number]> => {
      const { page, faults } = await open(t, browser, text);
      await page.evaluate(async (url) => fetch(url).catch(() => {}), `${origin}/b`);
      return [await page.title(), faults.length];
    };
    const [title, faults] = await tries(html.replace("</main>", smuggled));
    assert.match(title, /lastcall prove$/);
    assert.ok(faults >= 3, "the policy says what it refused");
    assert.equal(asked, 0);
    // Control: without the policy all of it happens.
    const open_ = html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "");
    const [run] = await tries(open_.replace("</main>", smuggled));
    assert.equal(run, "run");
    assert.ok(asked >= 1, "the image was asked for");
  });

  test("by keyboard alone: reached with Tab, requests chosen with arrows, magnified, moved", async (t) => {
    const { page } = await open(t, browser, html);
    await tabTo(page, "chart");
    const ring = await page.locator("#chart").evaluate((box) => getComputedStyle(box).outlineStyle);
    assert.equal(ring, "solid", "focus can be seen");
    assert.match(await details(page), /^Choose a request/);

    await page.keyboard.press("ArrowRight");
    const first = await details(page);
    assert.match(first, /GET \/items\/\d+/);
    await page.keyboard.press("ArrowRight");
    const second = await details(page);
    assert.notEqual(second, first);
    await page.keyboard.press("ArrowLeft");
    assert.equal(await details(page), first);
    await page.keyboard.press("ArrowDown");
    assert.notEqual(await details(page), first);

    await page.keyboard.press("0");
    const whole = await span(page);
    await page.keyboard.press("+");
    const near = await span(page);
    assert.ok(near.size < whole.size, `${near.text} is less than ${whole.text}`);
    await page.keyboard.press("Shift+ArrowRight");
    assert.notEqual((await span(page)).text, near.text);
    await page.keyboard.press("-");
    await page.keyboard.press("0");
    assert.equal((await span(page)).text, whole.text);

    await page.keyboard.press("n");
    assert.match(await details(page), /dropped: reset after the request was sent/);
    await page.keyboard.press("n");
    assert.match(await details(page), /refused: connection refused/);
    await page.keyboard.press("p");
    assert.match(await details(page), /dropped: reset/);
    await page.keyboard.press("Escape");
    assert.match(await details(page), /^Choose a request/);
  });

  test("evidence leads to its request, also when a filter or another trial hides it", async (t) => {
    const { page } = await open(t, browser, html);
    await page.locator("#view").selectOption({ label: "trial 2" });
    await page.locator("#view").selectOption({ label: "trial 1" });
    await page.getByRole("checkbox", { name: /^slow/ }).focus();
    await page.keyboard.press("Space");
    assert.equal(await page.locator("#lost-count").textContent(), "1");
    await page.locator("#view").selectOption({ label: "trial 2" });
    assert.equal(await page.locator("#lost").isVisible(), false);

    await page.locator(`button[data-request="${CUT}"]`).focus();
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#view option:checked").textContent(), "trial 1");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "chart");
    const text = await details(page);
    assert.ok(text.includes(`GET /${NASTY}`), text);
    assert.ok(text.includes(CUT), text);
    const { fromMs, toMs } = await span(page);
    assert.ok(fromMs < -100 && toMs > 12 && toMs - fromMs < 500, `${fromMs} to ${toMs}`);
  });

  test("filters by kind of client and by outcome; the legend tells outcomes apart by shape alone", async (t) => {
    const { page } = await open(t, browser, html);
    const drawn = async (): Promise<string> => page.locator("#chart canvas").evaluate(waitAndRead);
    const all = await drawn();
    await page.getByRole("checkbox", { name: /^pool/ }).uncheck();
    const fewer = await drawn();
    assert.notEqual(fewer, all);
    await page.getByRole("checkbox", { name: /^answered/ }).uncheck();
    assert.notEqual(await drawn(), fewer);
    await page.getByRole("checkbox", { name: /^dropped/ }).uncheck();
    assert.equal(await page.locator("#lost").isVisible(), false, "the refused one is of the pool");

    const shapes = await page.locator(".swatch").evaluateAll(readShapes);
    assert.equal(shapes.length, 4);
    assert.equal(new Set(shapes).size, 4, "no two outcomes have the same shape");
  });

  test("with the pointer: wheel, drag and click, and hovering shows a request's facts", async (t) => {
    const { page } = await open(t, browser, html);
    await page.locator("#chart").evaluate((box) => box.scrollIntoView({ behavior: "instant" }));
    const box = await page.locator("#chart").boundingBox();
    assert.ok(box !== null);
    const whole = await span(page);
    await page.mouse.move(box.x + box.width / 2, box.y + 200);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -400);
    await page.keyboard.up("Control");
    await page.waitForFunction(
      (text) => document.querySelector("#span")?.textContent !== text,
      whole.text,
    );
    const near = await span(page);
    assert.ok(near.size < whole.size);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 150, box.y + 200);
    await page.mouse.up();
    assert.ok(
      (await span(page)).fromMs < near.fromMs,
      "drawn to the right, it shows what was before",
    );

    await page.keyboard.press("Tab");
    await tabTo(page, "chart");
    await page.keyboard.press("n");
    await page.getByRole("button", { name: "All" }).click();
    const at = await findColor(page, "--lost");
    await page.locator("#chart").hover({ position: at });
    assert.match((await page.locator("#tip").textContent()) ?? "", /connection refused/);
    await page.locator("#chart").click({ position: at });
    assert.match(await details(page), /refused: connection refused.*connection 901/);
  });

  test("light and dark, also when that changes: text has the contrast of AA, the drawing its colours", async (t) => {
    const { page } = await open(t, browser, html, { colorScheme: "light" });
    await tabTo(page, "chart");
    await page.keyboard.press("n");
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const name of ["--ok", "--lost"]) await findColor(page, name);
      assert.deepEqual(await page.evaluate(findWeakContrast), [], colorScheme);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(ground, colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(22, 22, 21)");
    }
    // Control: what is too faint is seen.
    await page.evaluate(() => (document.body.style.color = "rgb(70, 70, 70)"));
    assert.notDeepEqual(await page.evaluate(findWeakContrast), []);
  });

  test("on a telephone nothing is wider than the screen; motion only for who wants it", async (t) => {
    const { page } = await open(t, browser, html, { width: 360, height: 700 });
    await page.locator("#chart").scrollIntoViewIfNeeded();
    const [wide, seen] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    assert.equal(wide, seen);
    const motion = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior);
    await page.emulateMedia({ reducedMotion: "reduce" });
    assert.equal(await motion(), "auto");
    await page.emulateMedia({ reducedMotion: "no-preference" });
    assert.equal(await motion(), "smooth");
  });

  test("without scripts it can still be read", async (t) => {
    const { page } = await open(t, browser, html, { javaScriptEnabled: false });
    const text = (await page.locator("body").textContent()) ?? "";
    for (const words of [
      "FAIL",
      "dropped requests",
      "inflight/cut",
      "src/server.ts:42:7 in stop",
    ]) {
      assert.ok(text.includes(words), words);
    }
    assert.equal(await page.locator("#timeline").isVisible(), false);
    assert.equal(await page.getByText("drawn by a script").isVisible(), true);
  });

  test("50,000 requests: it opens, and stays usable", async (t) => {
    const begun = performance.now();
    const { page, faults } = await open(t, browser, renderMany(50_000));
    await findColor(page, "--ok");
    const openedMs = performance.now() - begun;
    await page.locator("#chart").focus();
    const frames = await page.evaluate(measureFrames);
    assert.deepEqual(faults, []);
    assert.equal(await page.locator("#lost-count").textContent(), "100");
    t.diagnostic(
      `open and drawn after ${openedMs.toFixed(0)} ms; ${frames.toFixed(1)} ms per step`,
    );
    // Ample for a machine under load: what is meant is seconds, not minutes.
    assert.ok(openedMs < 20_000, `${openedMs} ms`);
    assert.ok(frames < 1_000, `${frames} ms`);
  });
});

async function tabTo(page: Page, id: string): Promise<void> {
  for (let step = 0; step < 80; step += 1) {
    if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not reach #${id}`);
}

async function details(page: Page): Promise<string> {
  return (await page.locator("#details").textContent()) ?? "";
}

interface Seen {
  readonly text: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly size: number;
}

/** What the page says that it shows. */
async function span(page: Page): Promise<Seen> {
  const text = (await page.locator("#span").textContent()) ?? "";
  const [fromMs = Number.NaN, toMs = Number.NaN] = text.split(" to ").map((part) => {
    const [, sign = "", size = "", unit = ""] = /^([−+]?)([\d.]+)(?: (ms|s))?$/.exec(part) ?? [];
    return (sign === "−" ? -1 : 1) * Number(size) * (unit === "s" ? 1_000 : 1);
  });
  return { text, fromMs, toMs, size: toMs - fromMs };
}

/** Where the drawing has a colour of the style sheet; waits until it has, in what it shows now and not in the frame before. */
async function findColor(page: Page, name: string): Promise<{ x: number; y: number }> {
  await page.locator("#chart canvas").evaluate(waitAndRead);
  const found = await page.waitForFunction(
    (variable) => {
      const canvas = document.querySelector<HTMLCanvasElement>("#chart canvas");
      const pen = canvas?.getContext("2d");
      if (canvas === null || pen === null || pen === undefined || canvas.width === 0)
        return undefined;
      const hex = getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
      const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) =>
        Number.parseInt(hex.slice(from, from + 2), 16),
      );
      const { data, width } = pen.getImageData(0, 0, canvas.width, canvas.height);
      // A pixel as one number, as this machine and every other that Chromium runs on writes it.
      const wanted = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
      const at = new Uint32Array(data.buffer).indexOf(wanted);
      if (at !== -1) return { x: at % width, y: Math.floor(at / width) };
      return undefined;
    },
    name,
    { polling: 50 },
  );
  const place = await found.jsonValue();
  assert.ok(place !== undefined);
  return place;
}

/** Which pixels of each canvas are painted, whatever their colour. */
function readShapes(canvases: Element[]): string[] {
  return canvases.map((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const pen = (canvas as HTMLCanvasElement).getContext("2d");
    const data = pen?.getImageData(0, 0, width, height).data ?? [];
    const alphas = [...data].filter((_, at) => at % 4 === 3);
    return alphas.map((alpha) => (alpha > 99 ? 1 : 0)).join("");
  });
}

/** What is on the canvas once it has been drawn again. */
function waitAndRead(canvas: Element): Promise<string> {
  return new Promise((resolve) => {
    requestAnimationFrame(() =>
      requestAnimationFrame(() => resolve((canvas as HTMLCanvasElement).toDataURL())),
    );
  });
}

/** Milliseconds from a key to the next frame, on average of some keys. */
async function measureFrames(): Promise<number> {
  const chart = document.querySelector("#chart");
  const keys = ["+", "+", "+", "n", "n", "0", "-", "+", "n", "0"];
  const begun = performance.now();
  for (const key of keys) {
    chart?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(() => resolve(0)));
  }
  return (performance.now() - begun) / keys.length;
}

/** Elements with text of their own whose contrast is below 4.5:1 (WCAG 2.2, 1.4.3). */
function findWeakContrast(): string[] {
  const weak: string[] = [];
  for (const element of document.querySelectorAll<HTMLElement>("body *")) {
    const hasText = [...element.childNodes].some(
      ({ nodeType, textContent }) => nodeType === 3 && (textContent ?? "").trim() !== "",
    );
    if (!hasText || !element.checkVisibility() || element.closest("[disabled], script") !== null)
      continue;
    const ratio = contrast(read(getComputedStyle(element).color), groundOf(element));
    if (ratio < 4.5) weak.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return weak;

  function groundOf(element: Element | null): number[] {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = read(getComputedStyle(at).backgroundColor);
      if ((color[3] ?? 1) > 0) return color;
    }
    return [255, 255, 255];
  }

  function read(color: string): number[] {
    return (color.match(/[\d.]+/g) ?? []).map(Number);
  }

  function contrast(a: number[], b: number[]): number {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((one, other) => one - other);
    return (high + 0.05) / (low + 0.05);
  }

  function luminance(color: number[]): number {
    const [r = 0, g = 0, b = 0] = color.map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
}
