import Box from '@cloudscape-design/components/box';
import './code.css';

/** Text as a machine reads it: a policy document, a log entry, a command. */
export function Code({ children, label }: { children: string; label: string }) {
  return (
    <pre className="code" role="region" aria-label={label} tabIndex={0}>
      {children}
    </pre>
  );
}

/** The same under its label. */
export function LabelledCode({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <Code label={label}>{text}</Code>
    </div>
  );
}
