import { lazily } from '../lazily';
import { Loading } from '../Loading';

/** See CodeEditor.tsx; it is loaded when it is first shown. */
export const CodeEditor = lazily(() => import('./CodeEditor'), 'CodeEditor', <Loading text="Loading the editor" />);
export type { Mark } from './CodeEditor';
