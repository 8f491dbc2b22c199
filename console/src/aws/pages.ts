/** The items of all pages of a list. */
export async function itemsOf<T>(pages: AsyncIterable<{ items?: T[] }>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) {
    all.push(...(page.items ?? []));
  }
  return all;
}
