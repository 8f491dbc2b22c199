// What went wrong, in the words that a person can act on or send to somebody.

export interface Problem {
  /** AWS' error code, such as ResourceNotFoundException, or what failed where no answer came. */
  code: string;
  message: string;
  requestId?: string;
  status?: number;
}

interface ServiceError extends Error {
  $metadata?: { requestId?: string; httpStatusCode?: number };
}

/** What browsers say where fetch got no answer: Chromium, Firefox, Safari; then Node. */
const noAnswer = /^(Failed to fetch|NetworkError when|Load failed|The network connection was lost|fetch failed)/;

/** Whether no answer came at all. A TypeError may as well be a mistake in the page. */
function isUnreachable(error: Error): boolean {
  return error instanceof TypeError && noAnswer.test(error.message);
}

export function problemOf(error: unknown): Problem {
  if (!(error instanceof Error)) {
    return { code: 'Error', message: String(error) };
  }
  const { $metadata: meta } = error as ServiceError;
  if (!meta?.httpStatusCode) {
    return isUnreachable(error)
      ? { code: 'No answer', message: `The server could not be reached (${error.message}). Is Tollbook running?` }
      : { code: error.name, message: error.message };
  }
  return { code: error.name, message: error.message, requestId: meta.requestId, status: meta.httpStatusCode };
}

/** Whether err has the code, as the SDK names errors. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes(error.name);
}

/** Whether the work was given up on purpose: the page was left, or newer work replaced it. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
