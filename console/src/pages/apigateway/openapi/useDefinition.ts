import type { RestApi } from '@aws-sdk/client-api-gateway';
import { useState } from 'react';
import { refusedFor, warningsOf, type ImportProblem } from './problems';

/** A definition that somebody edits and imports, with what API Gateway said about it last. */
export function useDefinition() {
  const [state, setState] = useState<{ text: string; problems: readonly ImportProblem[] }>({ text: '', problems: [] });
  /** Imports; what the definition was refused for is shown at its places, and other errors are thrown. Resolves to the API with its warnings. */
  const take = async (send: (body: Uint8Array) => Promise<RestApi>): Promise<{ api: RestApi; warnings: ImportProblem[] } | undefined> => {
    setState((s) => ({ ...s, problems: [] }));
    try {
      const api = await send(new TextEncoder().encode(state.text));
      return { api, warnings: warningsOf(api.warnings) };
    } catch (error) {
      const problems = refusedFor(error);
      if (!problems) {
        throw error;
      }
      setState((s) => ({ ...s, problems }));
      return undefined;
    }
  };
  return { ...state, setText: (text: string) => setState({ text, problems: [] }), take };
}
