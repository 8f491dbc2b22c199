import Box from '@cloudscape-design/components/box';
import Input from '@cloudscape-design/components/input';
import { useEffect, useState } from 'react';

/** A filter pattern, applied with Enter. */
export function PatternInput({ value, onApply }: { value: string; onApply: (pattern: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <div className="tb-tools-search">
      <Input
        type="search"
        value={text}
        onChange={(e) => {
          setText(e.detail.value);
          if (e.detail.value === '' && value !== '') {
            onApply(''); // cleared with its button
          }
        }}
        onKeyDown={(e) => e.detail.key === 'Enter' && onApply(text.trim())}
        ariaLabel="Filter pattern"
        placeholder={'Filter pattern, then Enter:  "timeout" -health   or   { $.status = 5* && $.httpMethod = "POST" }'}
        spellcheck={false}
      />
      {text.trim() !== value && <Box fontSize="body-s" color="text-body-secondary">Press Enter to search.</Box>}
    </div>
  );
}
