/** What stands for a placeholder while a URL is read, which would encode its braces. */
const TOKEN = /lastcallplace(\d+)x/gu;

/**
 * The path and query of a URL, or of a path. The origin does not matter: the load goes to the service
 * that is proved. Placeholders stay as they are. Returns undefined when it is neither.
 */
export function readPath(text: string): string | undefined {
  const places: string[] = [];
  const plain = text.replace(/\{\{[^{}]*\}\}/gu, (place) => {
    return `lastcallplace${String(places.push(place) - 1)}x`;
  });
  const base = "http://service/";
  if (!URL.canParse(plain, base)) return undefined;
  const { protocol, pathname, search } = new URL(plain, base);
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  return `${pathname}${search}`.replace(
    TOKEN,
    (_token, index: string) => places[Number(index)] ?? "",
  );
}
