import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { useState } from 'react';

const key = 'tollbook.mode';

function stored(): Mode {
  const mode = localStorage.getItem(key);
  if (mode === Mode.Light || mode === Mode.Dark) {
    return mode;
  }
  return matchMedia('(prefers-color-scheme: dark)').matches ? Mode.Dark : Mode.Light;
}

/** Applies the mode that was chosen last, else the system's. */
export function applyStoredMode(): void {
  show(stored());
}

function show(mode: Mode): void {
  applyMode(mode);
  document.documentElement.style.colorScheme = mode;
}

export function useMode(): { dark: boolean; toggle: () => void } {
  const [mode, setMode] = useState(stored);
  const toggle = () => {
    const next = mode === Mode.Dark ? Mode.Light : Mode.Dark;
    localStorage.setItem(key, next);
    show(next);
    setMode(next);
  };
  return { dark: mode === Mode.Dark, toggle };
}
