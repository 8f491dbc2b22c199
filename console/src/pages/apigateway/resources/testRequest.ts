// The request that the test of a method makes.

/** The names of a resource's path parameters, in order; proxy for {proxy+}. */
export function pathParameters(resourcePath: string): string[] {
  return [...resourcePath.matchAll(/\{([^{}+]+)\+?\}/g)].map((m) => m[1]!);
}

/** The path with its parameters filled in, and the query. Slashes stay slashes only where the parameter is greedy. */
export function pathWithQuery(resourcePath: string, parameters: Readonly<Record<string, string>>, query: string): string {
  const path = resourcePath.replace(/\{([^{}+]+)(\+?)\}/g, (whole, name: string, greedy: string) => {
    const value = parameters[name];
    if (!value) {
      return whole;
    }
    return greedy ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
  });
  const asked = query.trim().replace(/^\?/, '');
  return asked ? `${path}?${asked}` : path;
}
