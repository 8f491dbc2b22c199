import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useRef, useState } from 'react';
import { CodeEditor } from '../../../components/editor';
import type { Place } from '../../../components/editor/places';
import { languageOf, marksOf, type ImportProblem } from './problems';
import { Problems } from './Problems';

interface Props {
  value: string;
  onChange: (text: string) => void;
  /** What API Gateway said about the text as it is; none once the text is changed. */
  problems: readonly ImportProblem[];
}

/** An API definition, pasted or read from a file, with what is wrong with it. */
export function DefinitionField({ value, onChange, problems }: Props) {
  const [goTo, setGoTo] = useState<Place>();
  return (
    <SpaceBetween size="m">
      <FormField
        label="API definition"
        description="An OpenAPI document of version 2.0 (Swagger) or 3.0, as JSON or YAML, with x-amazon-apigateway extensions if you like."
        stretch
        secondaryControl={<ChooseFile onText={onChange} />}
      >
        <CodeEditor label="API definition" language={languageOf(value)} lines={12} value={value} onChange={onChange} marks={marksOf(problems)} goTo={goTo} />
      </FormField>
      <Problems problems={problems} onPlace={(place) => setGoTo({ ...place })} />
    </SpaceBetween>
  );
}

function ChooseFile({ onText }: { onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [read, setRead] = useState('');
  const take = async (file: File | undefined) => {
    if (file) {
      onText(await file.text());
      setRead(file.name);
    }
  };
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="center">
      <Button formAction="none" iconName="upload" onClick={() => input.current?.click()}>Choose file</Button>
      {read && <Box color="text-body-secondary">{read}</Box>}
      <input
        ref={input}
        type="file"
        hidden
        aria-label="API definition file"
        accept=".json,.yaml,.yml,application/json,application/yaml"
        onChange={(e) => {
          void take(e.target.files?.[0]);
          e.target.value = ''; // so that the same file can be chosen again after an edit
        }}
      />
    </SpaceBetween>
  );
}
